"""Refusals that the protocol writes itself, before there is a request that the app could answer."""

from pydantic_core import to_json
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.api.middleware import CONTENT_POLICY, NOT_STORED, SECURITY_HEADERS, request_id_of
from app.errors import MEDIA_TYPE, Problem
from app.service import Service
from app.telemetry.logs import log_request

_SAME_HEADERS = b"".join(
    b"%s: %s\r\n" % header
    for header in (
        *SECURITY_HEADERS,
        CONTENT_POLICY,
        NOT_STORED,
        (b"content-type", MEDIA_TYPE.encode()),
    )
)


def refusal(
    service: Service,
    problem: Problem,
    client: str | None,
    headers: list[tuple[bytes, bytes]],
    *,
    route: str = "other",
    method: str = "other",
    closing: bool = True,
) -> bytes:
    """Return a whole answer, after it is counted and logged as the middleware does for others.

    headers: as far as the request's came; its id is among them. closing: no answer follows.
    """
    request_id = request_id_of(headers)
    service.metrics.request(route, method, problem.status, 0.0)
    service.metrics.refusal(problem.kind)
    log_request(
        {
            "request": request_id,
            "client": client,
            "method": method,
            "path": route,
            "status": problem.status,
            "problem": problem.kind,
        }
    )
    body = to_json(problem.body(request_id))
    lines = [f"{name}: {value}\r\n" for name, value in (problem.headers or {}).items()]
    if closing:
        lines.append("connection: close\r\n")
    lines.append(f"x-request-id: {request_id}\r\ncontent-length: {len(body)}\r\n\r\n")
    return STATUS_LINE[problem.status] + _SAME_HEADERS + "".join(lines).encode() + body
