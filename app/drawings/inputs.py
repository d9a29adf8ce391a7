"""The body of a request -> one drawing, in whichever of the forms it came."""

import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic_core import from_json
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from app.drawings.containers import Container
from app.drawings.images import MEDIA_TYPES, open_picture
from app.drawings.multipart import file_of_form
from app.errors import Problem
from app.settings import Settings
from model.frame.preprocess import FRAME

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ACCEPTED = f"{', '.join(MEDIA_TYPES)}, multipart/form-data or application/json"
_LIST = 4  # values that a list, an object or a name in JSON counts as
_DATA_URL = re.compile(r"data:image/[a-z+.-]{1,20};base64,", re.IGNORECASE)
_PIXELS = (
    f"`pixels` must be rows of numbers from 0 to 255 (255 is ink), all of one length, "
    f"at least {FRAME} x {FRAME}"
)


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
    receive: Receive, headers: dict[bytes, bytes], received: Received, settings: Settings
) -> bytes:
    """Receive the whole body, at most `body_bytes` of it; how long it may take, `protocol` sees to.

    Raises Problem: 413, 415 for an encoded body, 400 for an empty one, 503 if too much is being
    received from all clients together; ClientDisconnect.
    """
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        detail = "The body has a Content-Encoding; send it as it is: pictures are compressed."
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
        raise Problem("bad-request", f"The body is empty; send a drawing as {_ACCEPTED}.")
    return bytes(body)


def _too_much(settings: Settings) -> Problem:
    return Problem(
        "overloaded",
        f"More than {settings.all_bodies_bytes} bytes are being received; try again in a moment.",
        headers={"Retry-After": str(settings.retry_seconds)},
    )


def _too_large(settings: Settings) -> Problem:
    return Problem("too-large", f"The body is larger than {settings.body_bytes} bytes.")


def read_drawing(
    content_type: bytes, body: bytes, settings: Settings
) -> "Container | NDArray[np.uint8]":
    """Return the drawing of a body: a checked picture to decode, or grey values, uint8 (H, W).

    Raises Problem for whatever is not a drawing.
    """
    media_type = content_type.partition(b";")[0].strip().lower().decode("latin-1")
    if media_type in MEDIA_TYPES:
        return open_picture(body, settings)
    if media_type == "application/json":
        return _drawing_of_json(body, settings)
    if media_type == "multipart/form-data":
        return open_picture(file_of_form(content_type, body, settings.multipart_parts), settings)
    raise Problem("unsupported-type", f"Send the drawing with Content-Type {_ACCEPTED}.")


def parse_json(body: bytes, settings: Settings) -> Any:
    """Parse JSON strictly: UTF-8, no NaN, bounded depth, and bounded in values.

    Raises Problem: 400 for what is no JSON, 413 for too many values.
    """
    # While it is parsed no other thread runs. What that takes grows with the number of values, and
    # a list takes as long as several numbers.
    values = body.count(b",") + _LIST * sum(map(body.count, (b"[", b"{", b":")))
    if values > settings.json_values:
        detail = (
            f"The JSON has more than {settings.json_values} values, of which a list, an object or "
            f"a name counts as {_LIST}; send a large drawing as a picture."
        )
        raise Problem("too-large", detail)
    try:
        return from_json(body, allow_inf_nan=False, cache_strings="none")
    except (ValueError, RecursionError) as error:
        place = re.search(r"line \d+ column \d+", str(error))
        where = f" at {place[0]}" if place else ""
        raise Problem("bad-json", f"The body is not valid JSON{where}.") from None


def _drawing_of_json(body: bytes, settings: Settings) -> "Container | NDArray[np.uint8]":
    content = parse_json(body, settings)
    usage = 'send {"image": "<base64 or data URL>"} or {"pixels": [[...], ...]}'
    if not isinstance(content, dict):
        raise Problem("invalid", f"The body is no JSON object; {usage}.", pointer="#")
    if len(content) != 1:
        raise Problem("invalid", f"The body must have exactly one member; {usage}.", pointer="#")
    if "pixels" in content:
        # `true` is 1 to Python and would pass for a number; where there is none, no need to look.
        exact = b"true" not in body and b"false" not in body
        return grey_of_rows(content["pixels"], settings, exact=exact)
    if "image" in content:
        return open_picture(_decode_base64(content["image"]), settings)
    raise Problem("invalid", f"The body has an unknown member; {usage}.", pointer="#")


def _decode_base64(text: object) -> bytes:
    if not isinstance(text, str):
        raise Problem("invalid", "`image` must be a string of base64.", pointer="#/image")
    if text[:5].lower() == "data:":
        prefix = _DATA_URL.match(text)
        if prefix is None:
            detail = "`image` must be a data URL that begins like data:image/png;base64, instead."
            raise Problem("invalid", detail, pointer="#/image")
        text = text[prefix.end() :]
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        detail = "`image` must be base64 of the standard alphabet, padded, without line breaks."
        raise Problem("invalid", detail, pointer="#/image") from None


def grey_of_rows(rows: Any, settings: Settings, *, exact: bool = False) -> "NDArray[np.uint8]":
    """Return rows of numbers as uint8 (H, W). `exact`: no element is known to be a boolean.

    Raises Problem (422, with the pointer to the wrong row or value; 413 for too many pixels).
    """
    if type(rows) is not list or len(rows) < FRAME or type(rows[0]) is not list:
        raise Problem("invalid", f"{_PIXELS}.", pointer="#/pixels")
    width = len(rows[0])
    for y, row in enumerate(rows):
        if type(row) is not list or len(row) != width or width < FRAME:
            raise Problem("invalid", f"{_PIXELS}; row {y} is not.", pointer=f"#/pixels/{y}")
    if len(rows) * width > settings.image_pixels:
        detail = f"`pixels` has more than {settings.image_pixels} values."
        raise Problem("image-too-large", detail, pointer="#/pixels")
    if exact:
        try:  # bytes() takes integers from 0 to 255 only, and is the fastest check there is
            # A row at a time: in between, another thread may run.
            return np.frombuffer(b"".join([bytes(row) for row in rows]), np.uint8).reshape(
                -1, width
            )
        except (ValueError, TypeError):
            pass  # a fraction, or a value that is wrong: look at each
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if type(value) not in (int, float) or not 0 <= value <= 255:
                detail = f"{_PIXELS}; value {x} of row {y} is not."
                raise Problem("invalid", detail, pointer=f"#/pixels/{y}/{x}")
    return np.rint(np.array(rows, np.float64)).astype(np.uint8)
