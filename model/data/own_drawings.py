"""Drawings of one's own, with what they were meant to be, from a file that the page exports.

Two kinds of file are read.

**A ZIP** with pictures and one or both of two lists of objects: ``drawings.json`` of single digits,
and ``numbers.json`` of numbers::

    [{"file": "0001_label-7_read-1.png", "label": 7, "read": 1}, ...]
    [{"file": "0002_label-421_read-427.png", "label": "421", "read": "427"}, ...]

``file`` is the name of a PNG in the archive, of any size, with ink darker or lighter than paper.
``label`` is what was meant: a digit, 0 to 9, or null for a drawing that is no digit; of a number, a
text of 1 to 20 digits. ``read`` is what the service read when it was drawn. It and other fields are
left alone. Files that no list names are not read.

**An .npz** with two arrays: ``labels``, N integers, 0 to 9, or -1 for a drawing that is no digit;
and either ``pictures``, uint8 (N, H, W), 0 black to 255 white, with ink darker or lighter than
paper, or ``frames``, uint8 (N, 28, 28), 0 paper to 255 ink, framed as the network reads them.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from reprlib import repr as short
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.data.pen_numbers import NumberPicture
from model.errors import DrawingsError, FileError
from model.files import open_archive, read_arrays, read_member, read_whole, size_text
from model.frame.decoding import decode
from model.frame.paper import Grey
from model.frame.preprocess import frame_as_pixels
from model.samples import NON_DIGIT_LABEL

MOST_DRAWINGS = 10_000  # of single digits, and as many numbers
MOST_PIXELS = 4096 * 4096  # of a picture
MOST_BYTES = 2**30  # of an .npz file's arrays, of a ZIP's content, or of its numbers' pictures

_DIGITS, _NUMBERS = "drawings.json", "numbers.json"

_L = TypeVar("_L", int, str)


class OwnDrawings(NamedTuple):
    """N drawings of single digits, and M of numbers.

    Attributes:
        frames: uint8 (N, 28, 28), 0 paper to 255 ink; blank where there is no ink.
        labels: int64 (N,), 0 to 9, or `NON_DIGIT_LABEL`.
        names: of each, to show.
        numbers: M pictures, and what they were meant to be.
        number_names: of each, to show.
    """

    frames: NDArray[np.uint8]
    labels: NDArray[np.int64]
    names: list[str]
    numbers: list[NumberPicture]
    number_names: list[str]


def load_own_drawings(path: Path) -> OwnDrawings:
    """Read a ZIP or an .npz as this module describes them.

    Raises:
        DrawingsError: if the file cannot be read, is no such file, or holds no drawings.
    """
    try:
        content = read_whole(path, MOST_BYTES)
        with open_archive(content, MOST_BYTES, 2 * MOST_DRAWINGS) as archive:
            if {_DIGITS, _NUMBERS} & set(archive.namelist()):
                drawings = _from_zip(archive)
            else:
                drawings = _from_npz(content)
    except FileError as error:
        raise DrawingsError(f"{path} {error}") from None
    # A damaged or foreign file fails in zipfile, zlib, NumPy, Pillow or here, each in its own way.
    except Exception as error:
        raise DrawingsError(
            f"{path} is not a file of drawings: it is neither a ZIP that the page exports nor an "
            ".npz with the arrays labels and pictures or frames"
        ) from error
    if len(drawings.labels) == 0 and not drawings.numbers:
        raise DrawingsError(f"{path} has no drawings in it")
    labels = {*range(10), NON_DIGIT_LABEL}
    if not labels.issuperset(drawings.labels.tolist()):
        raise DrawingsError(f"{path} has labels that are not 0 to 9 or {NON_DIGIT_LABEL}")
    return drawings


def _from_zip(archive: zipfile.ZipFile) -> OwnDrawings:
    digits = [
        (name, label, frame_as_pixels(picture))
        for name, label, picture in _listed(archive, _DIGITS, _digit_of)
    ]
    numbers: list[NumberPicture] = []
    number_names = []
    taken = 0
    for name, label, picture in _listed(archive, _NUMBERS, _number_of):
        taken += picture.nbytes  # they are kept as they are, to be shown with their mistakes
        if taken > MOST_BYTES:
            raise FileError(f"has numbers of more than {size_text(MOST_BYTES)} of pixels; split it")
        numbers.append(NumberPicture(picture, label))
        number_names.append(name)
    return OwnDrawings(
        np.array([frame for _, _, frame in digits], np.uint8).reshape(-1, 28, 28),
        np.array([label for _, label, _ in digits], np.int64),
        [name for name, _, _ in digits],
        numbers,
        number_names,
    )


def _listed(
    archive: zipfile.ZipFile, list_name: str, label_of: Callable[[Any], _L]
) -> Iterator[tuple[str, _L, Grey]]:
    """Yield the name, the label and the picture of each entry of a list in the archive.

    label_of: raises ValueError, which says what would be right.
    """
    if list_name not in archive.namelist():
        return
    rows = json.loads(read_member(archive, list_name))
    if not isinstance(rows, list):
        raise TypeError(f"{list_name} is no list")
    if len(rows) > MOST_DRAWINGS:
        raise FileError(f"has more than {MOST_DRAWINGS} drawings; split it")
    for place, row in enumerate(rows, start=1):
        entry = f"entry {place} of {list_name}"
        if not isinstance(row, dict) or not isinstance(row.get("file"), str) or "label" not in row:
            raise FileError(f'cannot be scored: {entry} is no object with "file" and "label"')
        try:
            label, picture = label_of(row["label"]), _read_png(archive, row["file"])
        except ValueError as error:
            raise FileError(f"cannot be scored: {entry}, {short(row['file'])}, {error}") from None
        yield row["file"], label, picture


def _digit_of(label: Any) -> int:
    if label is None:
        return NON_DIGIT_LABEL
    if type(label) is not int or not 0 <= label <= 9:  # True is an int, too
        raise ValueError(f"has the label {short(label)}, where 0 to 9 or null would be right")
    return label


def _number_of(label: Any) -> str:
    if not isinstance(label, str) or not re.fullmatch("[0-9]{1,20}", label):
        raise ValueError(f"has the label {short(label)}, where 1 to 20 digits would be right")
    return label


def _read_png(archive: zipfile.ZipFile, name: str) -> Grey:
    """Return the picture of a PNG, uint8 (H, W), 0 black to 255 white.

    Raises ValueError, which says what is wrong with it.
    """
    try:
        content = read_member(archive, name)
        with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
            pixels = picture.width * picture.height
            grey = decode(picture) if pixels <= MOST_PIXELS else None
    except KeyError:
        raise ValueError("is not in the ZIP") from None
    except Exception:  # noqa: BLE001 - damage shows in zipfile, zlib, struct or Pillow
        raise ValueError("is no PNG that can be read") from None
    if grey is None:
        raise ValueError(f"has {pixels:,} pixels, where {MOST_PIXELS:,} are the most")
    return grey


def _from_npz(content: bytes) -> OwnDrawings:
    arrays = read_arrays(content, MOST_BYTES, 2 * MOST_DRAWINGS)
    labels = arrays["labels"]
    pictures = arrays["frames"] if "frames" in arrays else arrays["pictures"]
    if pictures.dtype != np.uint8 or pictures.ndim != 3 or labels.shape != (len(pictures),):
        raise ValueError("the arrays do not fit together")
    if "frames" in arrays and pictures.shape[1:] != (28, 28):
        raise ValueError("frames are 28x28")
    if "frames" not in arrays:
        pictures = np.array([frame_as_pixels(picture) for picture in pictures], np.uint8)
    names = [f"number {index}" for index in range(len(labels))]
    digits = labels.astype(np.int64, casting="same_kind")
    return OwnDrawings(pictures.reshape(-1, 28, 28), digits, names, [], [])
