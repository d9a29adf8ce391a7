"""The first steps of every request that brings drawings: may it, can it, and what did it bring."""

import gzip
import hmac
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from app.drawings.inputs import read_body
from app.errors import Problem
from app.service import Service
from app.settings import Settings
from app.web.pages import accepts_gzip
from model.recognizer import Recognizer

T = TypeVar("T")


class Intake(NamedTuple):
    """A request that was let in: its body, and the network that answers all of it."""

    service: Service
    recognizer: Recognizer
    content_type: bytes
    body: bytes

    async def work(self, work: Callable[[], T], *, large: bool) -> T:
        """Do the work when its turn comes, in a thread if it is large."""
        if large:
            return await self.service.admission.in_thread(work)
        return await self.service.admission.soon(work)


async def take_in(request: Request) -> Intake:
    """Let a request in and receive its body. Raises Problem: 401, 429, 503 and `read_body`'s."""
    service: Service = request.app.state.service
    headers: dict[bytes, bytes] = dict(request.scope["headers"])
    _check_key(headers, service.settings)
    service.admission.check()
    recognizer = service.ready()
    request.scope["digest"] = recognizer.digest
    body = await read_body(request.receive, headers, service.received, service.settings)
    return Intake(service, recognizer, headers.get(b"content-type", b""), body)


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


def _check_key(headers: dict[bytes, bytes], settings: Settings) -> None:
    if settings.api_key is None:
        return
    given = headers.get(b"authorization", b"")
    wanted = b"Bearer " + settings.api_key.get_secret_value().encode()
    if not hmac.compare_digest(given, wanted):  # takes as long for a near miss as for a far one
        detail = "Send the key as `Authorization: Bearer <key>`."
        raise Problem("missing-key", detail, headers={"WWW-Authenticate": "Bearer"})
