"""Every way in which the service refuses, in the form of RFC 9457 (application/problem+json).

`Problem` is raised wherever something is wrong with a request. One place turns it, and whatever
the framework raises, into an answer. The input is never echoed, but for the name of a media type.
"""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from app.notes import notes_of

# kind -> (status, title). The kind names the problem in the answer's `type` and in the metrics.
KINDS: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be understood"),
    "bad-json": (400, "The body is not valid JSON"),
    "bad-form": (400, "The form cannot be read"),
    "bad-image": (400, "The picture cannot be read"),
    "missing-key": (401, "An API key is needed"),
    "not-found": (404, "There is nothing here"),
    "wrong-method": (405, "This method is not allowed here"),
    "too-slow": (408, "The request took too long to arrive"),
    "too-large": (413, "The request is too large"),
    "image-too-large": (413, "The picture is too large"),
    "unsupported-type": (415, "This kind of content is not read"),
    "unsupported-encoding": (415, "Encoded content is not read"),
    "invalid": (422, "A value is not valid"),
    "empty-drawing": (422, "The drawing is empty"),
    "busy": (429, "Too many requests at once"),
    "headers-too-large": (431, "The headers are too large"),
    "client-left": (499, "The client has left"),  # as nginx has it; for who closed one half only
    "internal": (500, "Something went wrong in the service"),
    "not-ready": (503, "The service is not ready"),
    "overloaded": (503, "The service is overloaded"),
}
MEDIA_TYPE = "application/problem+json"
EMPTY_DRAWING = "The picture is empty: draw a digit whose ink differs from its paper."
_BY_STATUS = {404: "not-found", 405: "wrong-method"}
_DETAILS = {
    "not-found": "No route has this address. There are POST /predict for a drawing, POST /batch "
    "for several, POST /read for a number, POST /explain for why, POST /v2/models/digits/infer for "
    "tensors; GET /docs lists them all.",
    "wrong-method": "The Allow header lists the methods of this address.",
    "internal": "The fault is not in the request; the log has more under this request's id.",
}


class Problem(Exception):
    """A refusal. `kind` is one of KINDS, `detail` a sentence that the caller can act on.

    `pointer` is a JSON pointer (RFC 6901, as a URI fragment) to the wrong field of the body.
    `headers` go out with the answer. Raises KeyError for another kind.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        pointer: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status, self.title = KINDS[kind]
        self.detail = detail
        self.pointer = pointer
        self.headers = headers

    def body(self, request_id: str | None = None) -> dict[str, Any]:
        """Return what is answered, as RFC 9457 names it."""
        body: dict[str, Any] = {
            "type": f"urn:digit-recognizer:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if request_id is not None:
            body["instance"] = f"urn:request:{request_id}"
        if self.pointer is not None:
            body["errors"] = [{"pointer": self.pointer, "detail": self.detail}]
        return body


def problem_response(scope: Scope, problem: Problem) -> Response:
    """Answer a problem, in the protocol's own shape below /v2."""
    notes = notes_of(scope)
    notes.problem = problem.kind
    path = scope["path"].removeprefix(scope["root_path"])
    if f"{path}/".startswith("/v2/"):
        body, media_type = {"error": problem.detail}, "application/json"
    else:
        body, media_type = problem.body(notes.request_id), MEDIA_TYPE
    content = json.dumps(body, separators=(",", ":")).encode()
    return Response(content, problem.status, problem.headers, media_type)


def plain_problem(kind: str, headers: dict[str, str] | None = None) -> Problem:
    """Return a problem of a kind whose detail is always the same, as a fault of our own's is."""
    detail = _DETAILS.get(kind, "The request cannot be understood.")
    return Problem(kind, detail, headers=headers)


def shutting_down() -> Problem:
    """Return the refusal of a service that ends."""
    return Problem("not-ready", "The service is shutting down; ask another one.")


def add_error_handlers(app: FastAPI) -> None:
    """Make every refusal of the app and of its framework a problem."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> Response:
        return problem_response(request.scope, problem)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        kind = _BY_STATUS.get(error.status_code, "bad-request")
        headers = dict(error.headers or {})
        if "Allow" in headers:
            methods = set(headers["Allow"].split(", "))
            if "GET" in methods:  # HEAD is answered there too
                methods.add("HEAD")
            headers["Allow"] = ", ".join(sorted(methods))  # the framework's order is chance
        return problem_response(request.scope, plain_problem(kind, headers))

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> Response:
        # The framework checks query parameters alone: `detail`, and `length` of POST /read.
        name = error.errors()[0]["loc"][-1]
        right = "true or false" if name == "detail" else "a whole number from 1 to 20"
        detail = f"The query parameter {name} must be {right}."
        return problem_response(request.scope, Problem("invalid", detail))
