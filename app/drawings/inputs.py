"""The body of a request -> one drawing, in whichever of the forms it came."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic_core import from_json
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from app.drawings.base64_text import decode_base64
from app.drawings.containers import Container, is_picture
from app.drawings.images import MEDIA_TYPES, open_picture
from app.drawings.multipart import file_of_form
from app.drawings.pixels import Pixels, read_pixels
from app.errors import Problem
from app.settings import Settings

Drawing = Container | Pixels

JSON, FORM = "application/json", "multipart/form-data"
_ACCEPTED = f"{', '.join(MEDIA_TYPES)}, {FORM} or {JSON}"
A_DRAWING = f"a drawing as {_ACCEPTED}"
_LIST = 4  # values that a list, an object or a name in JSON counts as
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}")
_LINE_BREAKS = bytes.maketrans(b"\r\n\t", b"   ")


class Received:
    """How many bytes a worker holds of bodies that are not complete, or wait for a thread."""

    def __init__(self) -> None:
        self.bytes = 0

    @contextmanager
    def kept(self, size: int) -> Iterator[None]:
        """Count the bytes of a body that is complete, for a while."""
        self.bytes += size
        try:
            yield
        finally:
            self.bytes -= size


async def read_body(
    receive: Receive,
    headers: dict[bytes, bytes],
    received: Received,
    settings: Settings,
    wanted: str,
) -> bytes:
    """Receive the whole body, at most `body_bytes` of it; how long it may take, `protocol` sees to.

    wanted: what to send in it, for those who sent nothing.
    Raises Problem: 413, 415 for an encoded body, 400 for an empty one, 503 if too much is being
    received from all clients together; ClientDisconnect.
    """
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        detail = "A body with a Content-Encoding is not read; send it without one."
        raise Problem("unsupported-encoding", detail)
    declared = headers.get(b"content-length", b"")
    # A number of 20 digits is above any limit; there is no need to convert it to know that.
    if declared.isdigit() and (len(declared) > 19 or int(declared) > settings.body_bytes):
        raise _too_large(settings)
    body = bytearray()
    more = True
    try:
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk = message.get("body", b"")
            body += chunk
            received.bytes += len(chunk)
            if len(body) > settings.body_bytes:
                raise _too_large(settings)
            more = message.get("more_body", False)
            if more and received.bytes > settings.all_bodies_bytes:
                raise _too_much(settings)
    finally:
        received.bytes -= len(body)
    if not body:
        raise Problem("bad-request", f"The body is empty; send {wanted}.")
    return bytes(body)


def _too_much(settings: Settings) -> Problem:
    return Problem(
        "overloaded",
        f"More than {settings.all_bodies_bytes} bytes are being received; try again in a moment.",
        headers={"Retry-After": str(settings.retry_seconds)},
    )


def _too_large(settings: Settings) -> Problem:
    return Problem("too-large", f"The body is larger than {settings.body_bytes} bytes.")


def read_drawing(content_type: bytes, body: bytes, settings: Settings) -> Drawing:
    """Return the drawing of a body, checked: a picture to decode, or grey values.

    What is a picture by its first bytes is read as one, whatever it is called.
    Raises Problem for whatever is not a drawing.
    """
    media_type = media_type_of(content_type)
    if media_type in MEDIA_TYPES or is_picture(body):
        return open_picture(body, settings)
    if media_type == JSON:
        return _drawing_of_json(body, settings)
    if media_type == FORM:
        return open_picture(file_of_form(content_type, body, settings.multipart_parts), settings)
    raise Problem(
        "unsupported-type",
        f"{called(media_type)} is read if it is a picture, and this is none; send the drawing "
        f"with the Content-Type {_ACCEPTED}.",
    )


def media_type_of(content_type: bytes) -> str:
    """Return the media type that a Content-Type names, in small letters, without parameters."""
    return content_type.partition(b";")[0].strip().lower().decode("latin-1")


def called(media_type: str) -> str:
    """Return how to speak of a body of a type; what does not look like one is not repeated."""
    if not media_type:
        return "A body without a Content-Type"
    known = _MEDIA_TYPE.fullmatch(media_type)
    return f"A body of the type {media_type}" if known else "A body of an unknown type"


def parse_json(body: bytes, settings: Settings, instead: str) -> Any:
    """Parse JSON strictly: UTF-8, no NaN, bounded depth, and bounded in bytes and values.

    instead: what to send instead of too many of them.
    Raises Problem: 400 for what is no JSON, 413 for too much of it.
    """
    if len(body) > settings.json_bytes:
        detail = f"The JSON is larger than {settings.json_bytes} bytes; send {instead}."
        raise Problem("too-large", detail)
    # While it is parsed no other thread runs. What that takes grows with the number of values, and
    # a list takes as long as several numbers. A short body cannot hold too many.
    if _LIST * len(body) > settings.json_values and _values(body) > settings.json_values:
        detail = (
            f"The JSON has more than {settings.json_values} values, of which a list, an object or "
            f"a name counts as {_LIST}; send {instead}."
        )
        raise Problem("too-large", detail)
    try:
        return from_json(body, allow_inf_nan=False, cache_strings="none")
    except (ValueError, RecursionError) as error:
        place = re.search(r"line \d+ column \d+", str(error))
        where = f" at {place[0]}" if place else ""
        raise Problem("bad-json", f"The body is not valid JSON{where}.") from None


def _values(body: bytes) -> int:
    return body.count(b",") + _LIST * sum(map(body.count, (b"[", b"{", b":")))


def _drawing_of_json(body: bytes, settings: Settings) -> Drawing:
    content = parse_with_line_breaks(body, settings)
    usage = 'send {"image": "<base64 or data URL>"} or {"pixels": [[...], ...]}'
    if not isinstance(content, dict):
        raise Problem("invalid", f"The body is no JSON object; {usage}.", pointer="#")
    if len(content) != 1:
        raise Problem("invalid", f"The body must have exactly one member; {usage}.", pointer="#")
    if "pixels" in content:
        return read_pixels(content["pixels"], "pixels", settings, exact=without_booleans(body))
    if "image" in content:
        return open_picture(decode_base64(content["image"], "image"), settings)
    raise Problem("invalid", f"The body has an unknown member; {usage}.", pointer="#")


def parse_with_line_breaks(body: bytes, settings: Settings) -> Any:
    """Parse JSON whose strings may have line breaks, as `base64` makes them and a shell keeps.

    Raises as `parse_json` does.
    """
    instead = "a large drawing as a picture"
    try:
        return parse_json(body, settings, instead)
    except Problem as problem:
        plain = body.translate(_LINE_BREAKS)
        if problem.kind != "bad-json" or plain == body:
            raise
        try:
            return parse_json(plain, settings, instead)
        except Problem:
            raise problem from None


def without_booleans(body: bytes) -> bool:
    """Whether no value of JSON can be `true`, which is 1 to Python and would pass for a number."""
    # A single letter is looked for ten times as fast as a word.
    return b"u" not in body and b"f" not in body
