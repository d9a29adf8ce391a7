"""Amounts on real cheques, whole or digit by digit: for measuring only.

The set lies outside the project, in a folder that `CHEQUE_FIELDS` names: `fields.zip` with the
scanned amounts, and `fields.json`, which says of each what number it is and where its digits are.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.data.pen_numbers import NumberPicture
from model.errors import DrawingsError, FileError
from model.files import open_archive, read_member, read_whole
from model.frame.decoding import decode
from model.frame.paper import Grey

MOST_BYTES = 2**28  # of a file, packed and unpacked; ours have 3 MB
MOST_FIELDS = 100_000


class ChequeDigits(NamedTuple):
    """N digits: pictures uint8 (H, W) each, 0 black to 255 white; labels int64 (N,), 0 to 9."""

    pictures: list[Grey]
    labels: NDArray[np.int64]


def load_cheque_numbers(folder: Path, every: int = 1) -> list[NumberPicture]:
    """Read all fields, or each ``every``-th. Raises DrawingsError."""
    return [picture for picture, _ in _fields(folder, every)]


def load_cheque_digits(folder: Path, every: int = 1) -> ChequeDigits:
    """Cut the digits out of their fields, or out of each ``every``-th. Raises DrawingsError."""
    pictures, labels = [], []
    for (grey, number), boxes in _fields(folder, every):
        for digit, (x, y, width, height) in zip(number, boxes, strict=True):
            cut = grey[max(y, 0) : y + height, max(x, 0) : x + width]
            if cut.size:
                pictures.append(np.ascontiguousarray(cut))
                labels.append(int(digit))
    return ChequeDigits(pictures, np.array(labels, np.int64))


def _fields(
    folder: Path, every: int
) -> Iterator[tuple[NumberPicture, list[tuple[int, int, int, int]]]]:
    """Yield fields with the boxes of their digits: x, y, width and height in pixels."""
    names = ("fields.json", "fields.zip")
    if not all((folder / name).is_file() for name in names):
        raise DrawingsError(
            f"{folder} holds no cheque fields, which are {' and '.join(names)}; "
            "name the folder that does with CHEQUE_FIELDS, or leave it out."
        )
    try:
        packed = read_whole(folder / "fields.zip", MOST_BYTES)
        with open_archive(packed, MOST_BYTES, MOST_FIELDS) as scans:
            for field in json.loads(read_whole(folder / "fields.json", MOST_BYTES))[::every]:
                with Image.open(io.BytesIO(read_member(scans, field["file"]))) as scan:
                    grey = decode(scan)
                boxes = [(int(x), int(y), int(w), int(h)) for x, y, w, h in field["boxes"]]
                if len(boxes) != len(field["number"]):
                    raise ValueError("a digit without a box")
                yield NumberPicture(grey, field["number"]), boxes
    except FileError as error:
        raise DrawingsError(f"{folder} holds cheque fields of which a file {error}.") from None
    except (OSError, ValueError, KeyError, TypeError, zlib.error, zipfile.BadZipFile) as error:
        raise DrawingsError(f"{folder} holds damaged cheque fields; fetch them again.") from error
