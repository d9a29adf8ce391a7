"""The first steps of every request that brings drawings: its key, room in the queue, its body."""

import gzip
import hmac
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive

from app.drawings.inputs import A_DRAWING, read_body
from app.errors import Problem
from app.notes import notes_of
from app.service import Service, service_of
from app.settings import Settings
from app.web.pages import accepts_gzip
from model.number_reader import NumberReader
from model.recognizer import Recognizer

T = TypeVar("T")

INLINE_DRAWINGS = 4  # of one request; more go to a thread: framing one takes up to 5 ms


class Intake(NamedTuple):
    """An admitted request: its body, and the networks that read all of its drawings."""

    service: Service
    recognizer: Recognizer
    numbers: NumberReader | None
    content_type: bytes
    body: bytes
    receive: Receive

    async def work(self, work: Callable[[], T], *, large: bool, drawings: int = 1) -> T:
        """Do the work when its turn comes, in a thread if it is large. Raises as `Admission`."""
        if large:
            with self.service.received.kept(len(self.body)):
                return await self.service.admission.in_thread(work, self.receive, drawings)
        return await self.service.admission.soon(work, drawings)


async def take_in(request: Request, wanted: str = A_DRAWING) -> Intake:
    """Admit a request and receive its body.

    wanted: what to send in it, for those who sent nothing.
    Raises Problem: 401 for a wrong key, 429 for a full queue, 503 without a network, and those of
    `read_body`.
    """
    service = service_of(request)
    headers: dict[bytes, bytes] = dict(request.scope["headers"])
    _check_key(headers.get(b"authorization", b""), service.settings)
    service.admission.check()
    recognizer, numbers = service.ready(), service.number_reader
    notes_of(request.scope).digest = recognizer.digest
    body = await read_body(request.receive, headers, service.received, service.settings, wanted)
    content_type = headers.get(b"content-type", b"")
    return Intake(service, recognizer, numbers, content_type, body, request.receive)


def json_response(content: dict[str, Any]) -> Response:
    """Answer what is JSON-able as it is, without a second pass of validation over it."""
    return Response(to_json(content), media_type="application/json")


def packed_response(request: Request, content: dict[str, Any]) -> Response:
    """Answer many kilobytes of JSON, a fifth as long where the client takes gzip."""
    response = json_response(content)
    response.headers["Vary"] = "Accept-Encoding"
    if accepts_gzip(request):
        response.body = gzip.compress(response.body, compresslevel=1, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    return response


async def key_for_all(request: Request) -> None:
    """Ask for the key where the settings want it for more than drawings. Raises Problem (401)."""
    settings: Settings = request.app.state.service.settings
    if settings.api_key_for == "all":
        _check_key(request.headers.get("authorization", "").encode("latin-1"), settings)


def _check_key(authorization: bytes, settings: Settings) -> None:
    if settings.api_key is None:
        return
    scheme, _, given = authorization.partition(b" ")
    wanted = settings.api_key.get_secret_value().encode()
    # The comparison takes as long for a near miss as for a far one.
    if scheme.lower() != b"bearer" or not hmac.compare_digest(given.strip(), wanted):
        detail = "Send the key as `Authorization: Bearer <key>`."
        raise Problem("missing-key", detail, headers={"WWW-Authenticate": "Bearer"})
