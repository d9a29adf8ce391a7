"""An opened picture of any kind becomes upright grey: one way for the commands and the service."""

import struct

import numpy as np
from PIL import Image

from model.frame.paper import Grey

WORKING_SIDE = 1024  # pixels; a larger picture is shrunk, since it becomes 28x28 anyway
_WHITE = 255
_ORIENTATION = 0x0112  # the tag of EXIF

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


def decode(image: Image.Image, orientation: int | None = None) -> Grey:
    """Decode a picture that Pillow has opened to grey, upright, at most WORKING_SIDE a side.

    Transparent parts show paper: white, or black under a drawing that is too light for white.
    orientation is that of EXIF, 1 to 8; None takes it from the picture.

    Returns uint8 (H, W), 0 black to 255 white.
    Raises whatever Pillow does where the file is damaged: OSError, SyntaxError and others.
    """
    image.draft("L", (WORKING_SIDE, WORKING_SIDE))  # JPEG: luminance only, and smaller
    grey = _to_grey(image)
    if max(grey.size) > WORKING_SIDE:
        grey = grey.reduce(-(-max(grey.size) // WORKING_SIDE))
    if orientation is None:  # asked for now: a PNG may say it behind its pixels
        orientation = exif_orientation(image.info.get("exif", b""))
    if orientation in _UPRIGHT:
        grey = grey.transpose(_UPRIGHT[orientation])
    return np.asarray(grey)


def exif_orientation(exif: bytes) -> int:
    """Return the orientation that EXIF data tell, 1 to 8; 1 if they tell none or are damaged."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        directory = struct.unpack_from(order + "I", tiff, 4)[0]
        count = struct.unpack_from(order + "H", tiff, directory)[0]
        for entry in range(directory + 2, directory + 2 + 12 * min(count, 256), 12):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, entry)
            if tag == _ORIENTATION:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _to_grey(image: Image.Image) -> Image.Image:
    """Return the picture as mode L on opaque paper."""
    if image.mode.startswith("I"):  # 16 bits: Pillow would clip what it should scale
        deep = np.asarray(image)
        clear = image.info.get("transparency")
        grey = Image.fromarray((deep >> 8).astype(np.uint8))
        return grey if clear is None else _on_paper(grey, Image.fromarray(deep != clear))
    if image.has_transparency_data:
        if image.mode != "RGBA":
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
