"""Drawings of one's own, with what they were meant to be, from a file that the page exports.

Two kinds of file are read.

**A ZIP** with pictures and ``drawings.json``, a list of one object for each drawing::

    [{"file": "0001_label-7_read-1.png", "label": 7, "read": 1}, ...]

``file`` is the name of a PNG in the archive, of any size, with ink darker or lighter than paper.
``label`` is the digit that was meant, 0 to 9, or null for a drawing that is no digit. ``read`` is
what the service read when it was drawn, 0 to 9 or null. Other fields are left alone. Files that the
list does not name are not read.

**An .npz** with two arrays: ``labels``, N integers, 0 to 9, or -1 for a drawing that is no digit;
and either ``pictures``, uint8 (N, H, W), 0 black to 255 white, with ink darker or lighter than
paper, or ``frames``, uint8 (N, 28, 28), 0 paper to 255 ink, framed as the network reads them.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.errors import DrawingsError, FileError
from model.files import open_archive, read_arrays, read_member, read_whole
from model.frame.decoding import decode
from model.frame.paper import Grey
from model.frame.preprocess import frame_as_pixels
from model.samples import NON_DIGIT_LABEL

MOST_DRAWINGS = 10_000
MOST_PIXELS = 4096 * 4096  # of a picture
MOST_BYTES = 2**30  # of an .npz file's arrays, or of a ZIP's content


class OwnDrawings(NamedTuple):
    """N drawings.

    Attributes:
        frames: uint8 (N, 28, 28), 0 paper to 255 ink; blank where there is no ink.
        labels: int64 (N,), 0 to 9, or `NON_DIGIT_LABEL`.
        names: of each, to show.
    """

    frames: NDArray[np.uint8]
    labels: NDArray[np.int64]
    names: list[str]


def load_own_drawings(path: Path) -> OwnDrawings:
    """Read a ZIP or an .npz as this module describes them.

    Raises:
        DrawingsError: if the file cannot be read, is no such file, or holds no drawings.
    """
    try:
        content = read_whole(path, MOST_BYTES)
        with open_archive(content, MOST_BYTES, 2 * MOST_DRAWINGS) as archive:
            if "drawings.json" in archive.namelist():
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
    if len(drawings.labels) == 0:
        raise DrawingsError(f"{path} has no drawings in it")
    labels = {*range(10), NON_DIGIT_LABEL}
    if not labels.issuperset(drawings.labels.tolist()):
        raise DrawingsError(f"{path} has labels that are not 0 to 9 or {NON_DIGIT_LABEL}")
    return drawings


def _from_zip(archive: zipfile.ZipFile) -> OwnDrawings:
    rows: list[dict[str, Any]] = json.loads(read_member(archive, "drawings.json"))
    if len(rows) > MOST_DRAWINGS:
        raise FileError(f"has more than {MOST_DRAWINGS} drawings; split it")
    frames = [frame_as_pixels(_read_png(read_member(archive, row["file"]))) for row in rows]
    labels = [NON_DIGIT_LABEL if row["label"] is None else int(row["label"]) for row in rows]
    return OwnDrawings(
        np.array(frames, np.uint8).reshape(-1, 28, 28),
        np.array(labels, np.int64),
        [str(row["file"]) for row in rows],
    )


def _read_png(png: bytes) -> Grey:
    """Return the picture of a PNG, uint8 (H, W), 0 black to 255 white."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError("the picture is too large")
        return decode(picture)


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
    return OwnDrawings(
        pictures.reshape(-1, 28, 28), labels.astype(np.int64, casting="same_kind"), names
    )
