"""The digits of real cheques, each in its box: for measuring only.

The set lies outside the project, in a folder that `CHEQUE_FIELDS` names: `fields.zip` with the
scanned amounts, and `fields.json`, which says of each what number it is and where its digits are.
"""

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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


def load_cheque_digits(folder: Path, every: int = 1) -> ChequeDigits:
    """Cut the digits out of their fields, or out of each ``every``-th. Raises DrawingsError."""
    names = ("fields.json", "fields.zip")
    if not all((folder / name).is_file() for name in names):
        raise DrawingsError(
            f"{folder} holds no cheque fields, which are {' and '.join(names)}; "
            "name the folder that does with CHEQUE_FIELDS, or leave it out."
        )
    pictures, labels = [], []
    try:
        packed = read_whole(folder / "fields.zip", MOST_BYTES)
        with open_archive(packed, MOST_BYTES, MOST_FIELDS) as scans:
            for field in json.loads(read_whole(folder / "fields.json", MOST_BYTES))[::every]:
                with Image.open(io.BytesIO(read_member(scans, field["file"]))) as scan:
                    grey = decode(scan)
                for digit, box in zip(field["number"], field["boxes"], strict=True):
                    x, y, width, height = box
                    cut = grey[max(y, 0) : y + height, max(x, 0) : x + width]
                    if cut.size:
                        pictures.append(np.ascontiguousarray(cut))
                        labels.append(int(digit))
    except FileError as error:
        raise DrawingsError(f"{folder} holds cheque fields of which a file {error}.") from None
    except (OSError, ValueError, KeyError, TypeError, zlib.error, zipfile.BadZipFile) as error:
        raise DrawingsError(f"{folder} holds damaged cheque fields; fetch them again.") from error
    return ChequeDigits(pictures, np.array(labels, np.int64))
