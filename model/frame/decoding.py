"""An opened picture of any kind becomes upright grey: one way for the commands and the service."""

import struct
from typing import cast

import numpy as np
from PIL import Image

from model.frame.paper import Grey

WORKING_SIDE = 1024  # pixels; a larger picture is shrunk, since it becomes 28x28 anyway
_WHITE, _BLACK = 255, 0
_BAND = 2**18  # pixels of a large picture that are made grey at a time
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

    Transparent parts show paper: white, or black under a drawing that stands out more from that.
    So dark ink is on white paper as everyone expects, and white ink is not lost.
    orientation is that of EXIF, 1 to 8; None takes it from the picture.

    Returns uint8 (H, W), 0 black to 255 white.
    Raises whatever Pillow does where the file is damaged: OSError, SyntaxError and others.
    """
    image.draft("L", (WORKING_SIDE, WORKING_SIDE))  # JPEG: luminance only, and smaller
    grey = _reduced(image, _WHITE)
    if image.has_transparency_data and _contrast(grey) <= _WHITE // 2:
        grey = max(grey, _reduced(image, _BLACK), key=_contrast)
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


def _reduced(image: Image.Image, paper: int) -> Image.Image:
    """Return the picture on paper of that grey, mode L, at most WORKING_SIDE a side."""
    factor = -(-max(image.size) // WORKING_SIDE)
    if factor == 1:
        return _on_paper(image, paper)
    # In bands, each of whole cells of factor x factor: so a large picture is in memory only once.
    width, height = image.size
    reduced = Image.new("L", (-(-width // factor), -(-height // factor)))
    cells = max(1, _BAND // (width * factor))
    for top in range(0, reduced.height, cells):
        rows = (top * factor, min((top + cells) * factor, height))
        band = image.crop((0, rows[0], width, rows[1]))
        reduced.paste(_on_paper(band, paper).reduce(factor), (0, top))
    return reduced


def _on_paper(image: Image.Image, paper: int) -> Image.Image:
    """Return the picture laid on paper of that grey, mode L."""
    if image.mode.startswith("I"):  # 16 bits: Pillow would clip what it should scale
        deep = np.asarray(image)
        clear = image.info.get("transparency")
        grey = Image.fromarray((deep >> 8).astype(np.uint8))
        if clear is None:
            return grey
        alpha = Image.fromarray(deep != clear)
    elif image.has_transparency_data:
        if image.mode != "RGBA":
            image = image.convert("RGBA")
        alpha = image.getchannel("A")
        grey = image.convert("L")
        if alpha.getextrema()[0] == _WHITE:
            return grey
    else:
        return image.convert("L")
    return Image.composite(grey, Image.new("L", grey.size, paper), alpha)


def _contrast(grey: Image.Image) -> int:
    darkest, lightest = cast(tuple[int, int], grey.getextrema())
    return lightest - darkest
