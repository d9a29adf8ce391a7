"""Bytes of a picture that a stranger sent -> a grey array. Limits hold before decoding."""

import io
from typing import TYPE_CHECKING

import numpy as np

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

from app.drawings.containers import BrokenPicture, Container, TooManyBlocks, open_container
from app.errors import Problem
from app.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMATS = ("PNG", "JPEG", "WebP", "GIF", "BMP")
MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp")
WORKING_SIDE = 1024  # pixels; a larger picture is shrunk, since it becomes 28x28 anyway
_WHITE = 255
_DECODERS = (BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)

# EXIF orientation -> what turns the picture upright (CIPA DC-008, Orientation).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
    if container is None:
        formats = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        raise Problem("unsupported-type", f"The bytes are no {formats} picture; send one of these.")
    _check_size(container.width, container.height, settings)
    work = container.width * container.height * container.scans
    if container.scans > settings.image_scans or (
        container.scans > 1 and work > settings.scanned_pixels
    ):
        raise Problem(
            "image-too-large",
            f"The progressive JPEG has {container.scans} scans of {container.width} x "
            f"{container.height} pixels; at most {settings.image_scans} scans and "
            f"{settings.scanned_pixels} pixels in all of them are read.",
        )
    return container


def decode_picture(container: Container, settings: Settings) -> "NDArray[np.uint8]":
    """Decode to grey, uint8 (H, W), 0 black to 255 white, upright, at most WORKING_SIDE a side.

    Transparent parts show paper: white, or black under a drawing that is too light for white.
    Raises Problem (400) for whatever cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(container.data), formats=[container.kind]) as image:
            _check_size(*image.size, settings)  # what the decoder believes, in case it differs
            image.draft("L", (WORKING_SIDE, WORKING_SIDE))  # JPEG: luminance only, and smaller
            grey = _to_grey(image)
        if max(grey.size) > WORKING_SIDE:
            grey = grey.reduce(-(-max(grey.size) // WORKING_SIDE))
        if container.orientation in _UPRIGHT:
            grey = grey.transpose(_UPRIGHT[container.orientation])
        return np.asarray(grey)
    except Problem:
        raise
    # A decoder fails on bad bytes in many undocumented ways (SyntaxError, struct.error,
    # MemoryError, ...); each of them is the fault of the bytes.
    except Exception:  # noqa: BLE001
        raise _broken("the decoder gave up on it") from None


def _broken(reason: str) -> Problem:
    return Problem("bad-image", f"The picture is damaged or incomplete ({reason}); send it whole.")


def _check_size(width: int, height: int, settings: Settings) -> None:
    if width == 0 or height == 0:
        raise _broken("it has no pixels")
    if max(width, height) > settings.image_side or width * height > settings.image_pixels:
        raise Problem(
            "image-too-large",
            f"The picture has {width} x {height} pixels; at most {settings.image_pixels} in all "
            f"and {settings.image_side} a side are read.",
        )


def _to_grey(image: Image.Image) -> Image.Image:
    """Return the picture as mode L on opaque paper."""
    if image.mode.startswith("I"):  # 16 bits: Pillow would clip what it should scale
        deep = np.asarray(image)
        clear = image.info.get("transparency")
        grey = Image.fromarray((deep >> 8).astype(np.uint8))
        return grey if clear is None else _on_paper(grey, Image.fromarray(deep != clear))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        grey = image.convert("L")
        return grey if np.asarray(alpha).min() == _WHITE else _on_paper(grey, alpha)
    return image.convert("L")


def _on_paper(grey: Image.Image, alpha: Image.Image) -> Image.Image:
    """Lay a transparent drawing on white, or on black if it stands out more from that.

    So dark ink is on white paper as everyone expects, and white ink is not lost.
    """
    on_white = Image.composite(grey, Image.new("L", grey.size, _WHITE), alpha)
    if _contrast(on_white) > _WHITE // 2:  # as most are; black could hardly be better
        return on_white
    on_black = Image.composite(grey, Image.new("L", grey.size, 0), alpha)
    return max(on_white, on_black, key=_contrast)


def _contrast(picture: Image.Image) -> int:
    return int(np.ptp(np.asarray(picture)))
