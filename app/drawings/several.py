"""The body of a request -> several drawings, each of them or what is wrong with it."""

from typing import Any

from app.drawings.base64_text import decode_base64
from app.drawings.images import open_picture, share_of_limits
from app.drawings.inputs import (
    FORM,
    JSON,
    Drawing,
    called,
    media_type_of,
    parse_with_line_breaks,
    without_booleans,
)
from app.drawings.multipart import PART, files_of_form
from app.drawings.pixels import read_pixels
from app.errors import Problem
from app.settings import Settings

SEVERAL_DRAWINGS = f"drawings as {FORM} or {JSON}"
_FORM_USAGE = f"send each picture as a part named {PART}, as `curl -F {PART}=@a.png -F ...` does"
_JSON_USAGE = 'send {"images": [...]}, each of them base64, a data URL or rows of pixels'


def read_drawings(content_type: bytes, body: bytes, settings: Settings) -> list[Drawing | Problem]:
    """Return the drawings of a body in their order, or in place of one what is wrong with it.

    All of them may take as much decoding as one drawing may; what is beyond that is refused.
    Raises Problem for what is wrong with the body.
    """
    media_type = media_type_of(content_type)
    if media_type == FORM:
        most = settings.batch + settings.multipart_parts - 1
        sent: list[Any] = files_of_form(content_type, body, most, _FORM_USAGE)
        usage = _FORM_USAGE
    elif media_type == JSON:
        sent = _images_of_json(body, settings)
        usage = _JSON_USAGE
    else:
        detail = f"{called(media_type)} is not read here; send {SEVERAL_DRAWINGS}."
        raise Problem("unsupported-type", detail)
    if not sent:
        raise Problem("invalid", f"There is no drawing; {usage}.")
    if len(sent) > settings.batch:
        raise Problem("too-large", f"There are more than {settings.batch} drawings; {usage}.")
    exact = without_booleans(body)
    drawings: list[Drawing | Problem] = []
    room = 1.0
    for index, one in enumerate(sent):
        try:
            drawing = _drawing(one, f"images/{index}", settings, exact)
            share = share_of_limits(drawing, settings)
            if share > room:
                raise _no_room(settings)
        except Problem as problem:
            drawings.append(problem)
        else:
            drawings.append(drawing)
            room -= share
    return drawings


def _images_of_json(body: bytes, settings: Settings) -> list[Any]:
    content = parse_with_line_breaks(body, settings)
    if not isinstance(content, dict) or list(content) != ["images"]:
        raise Problem("invalid", f"The body is no such object; {_JSON_USAGE}.", pointer="#")
    images = content["images"]
    if not isinstance(images, list):
        raise Problem("invalid", f"`images` is no list; {_JSON_USAGE}.", pointer="#/images")
    return images


def _drawing(sent: Any, name: str, settings: Settings, exact: bool) -> Drawing:
    if isinstance(sent, list):
        return read_pixels(sent, name, settings, exact=exact)
    data = sent if isinstance(sent, bytes) else decode_base64(sent, name)
    return open_picture(data, settings)


def _no_room(settings: Settings) -> Problem:
    return Problem(
        "image-too-large",
        f"The drawings of one request may have {settings.image_pixels} pixels together (JPEGs "
        f"{settings.jpeg_pixels}), less where they are slow to decode; send this one in another.",
    )
