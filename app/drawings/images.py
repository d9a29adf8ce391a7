"""Bytes of a picture that a stranger sent -> a grey array. Limits hold before decoding."""

import io
from typing import TYPE_CHECKING, NamedTuple

# Imported here so that the first request does not wait for it, and so that no decoder but these
# is ever loaded.
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from app.drawings.containers import (
    BrokenPicture,
    Container,
    RareCoding,
    TooManyBlocks,
    open_container,
)
from app.drawings.pixels import Pixels
from app.errors import Problem
from app.settings import Settings
from model.frame.decoding import decode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMATS = ("PNG", "JPEG", "WebP", "GIF", "BMP")
MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp")
_DECODERS = (BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)


class Decoded(NamedTuple):
    """A drawing in memory.

    Attributes:
        grey: uint8 (H, W), 0 black to 255 white, upright.
        scale: how many pixels of the picture as it was sent are one of these.
        from_0_to_1: whether it came as numbers from 0 to 1.
    """

    grey: "NDArray[np.uint8]"
    scale: float = 1.0
    from_0_to_1: bool = False


def decode_drawing(drawing: Container | Pixels, settings: Settings) -> Decoded:
    """Decode whatever the drawing came as. Raises Problem (400) if that cannot be done."""
    if isinstance(drawing, Pixels):
        return Decoded(drawing.grey, from_0_to_1=drawing.from_0_to_1)
    grey = decode_picture(drawing, settings)
    return Decoded(grey, max(drawing.width, drawing.height) / max(grey.shape))


def share_of_limits(drawing: Container | Pixels, settings: Settings) -> float:
    """Return how much decoding takes of what it may take for one request, 0 to 1.

    The limits are those that `open_picture` has checked.
    """
    pixels = drawing.width * drawing.height
    if isinstance(drawing, Pixels):
        return pixels / settings.image_pixels
    share = pixels / _most_pixels(drawing.kind, settings)
    if drawing.scans > 1:
        return max(share, pixels * drawing.scans / settings.scanned_pixels)
    return 2 * share if drawing.deep else share


def open_picture(data: bytes, settings: Settings) -> Container:
    """Check a picture's bytes against the limits, whatever they were called; decode nothing.

    Raises Problem: 415 for a format that is not read, 413 for one too large, 400 for a broken one.
    """
    try:
        container = open_container(data, settings.image_blocks)
    except BrokenPicture as error:
        raise _broken(str(error)) from None
    except TooManyBlocks:
        limit = settings.image_blocks
        raise Problem("image-too-large", f"The file has more than {limit} blocks.") from None
    except RareCoding as error:
        raise Problem(
            "unsupported-type", f"{error}; send it in the usual way, or as PNG."
        ) from None
    if container is None:
        formats = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        raise Problem("unsupported-type", f"The bytes are no {formats} picture; send one of these.")
    _check_size(container.kind, container.width, container.height, settings)
    _check_cost(container, settings)
    return container


def _check_cost(container: Container, settings: Settings) -> None:
    pixels = container.width * container.height
    size = f"{container.width} x {container.height} pixels"
    if container.deep and 2 * pixels > settings.image_pixels:
        raise Problem(
            "image-too-large",
            f"The PNG has {size} of 16 bits in each colour; at most {settings.image_pixels // 2} "
            f"of these are read, and {settings.image_pixels} of 8 bits.",
        )
    if container.decoding_bytes > settings.decoding_bytes:
        most = settings.decoding_bytes // container.pixel_bytes
        raise Problem(
            "image-too-large",
            f"The picture has {size}; at most {most} are read of one that is coded as this is.",
        )
    work = pixels * container.scans
    if container.scans > settings.image_scans or (
        container.scans > 1 and work > settings.scanned_pixels
    ):
        raise Problem(
            "image-too-large",
            f"The progressive JPEG has {container.scans} scans of {size}; at most "
            f"{settings.image_scans} scans and {settings.scanned_pixels} pixels in all of them "
            "are read.",
        )


def decode_picture(container: Container, settings: Settings) -> "NDArray[np.uint8]":
    """Decode to upright grey, uint8 (H, W), as `model.frame.decoding` does for every picture.

    Raises Problem (400) for whatever cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(container.data), formats=[container.kind]) as image:
            _check_size(
                container.kind, *image.size, settings
            )  # what the decoder believes, in case it differs
            return decode(image, container.orientation)
    except Problem:
        raise
    # A decoder fails on bad bytes in many undocumented ways (SyntaxError, struct.error,
    # MemoryError, ...); each of them is the fault of the bytes.
    except Exception:  # noqa: BLE001
        raise _broken("the decoder gave up on it") from None


def _broken(reason: str) -> Problem:
    return Problem("bad-image", f"The picture is damaged or incomplete ({reason}); send it whole.")


def _check_size(kind: str, width: int, height: int, settings: Settings) -> None:
    if width == 0 or height == 0:
        raise _broken("it has no pixels")
    most = _most_pixels(kind, settings)
    if max(width, height) > settings.image_side or width * height > most:
        raise Problem(
            "image-too-large",
            f"The picture has {width} x {height} pixels; at most {most} in all and "
            f"{settings.image_side} a side are read of a {kind}.",
        )


def _most_pixels(kind: str, settings: Settings) -> int:
    return settings.jpeg_pixels if kind == "JPEG" else settings.image_pixels
