"""Drawings of one's own, with what they were meant to be, from a file that the page exports.

Two kinds of file are read.

**A ZIP** with pictures and ``drawings.json``, a list with one object for each drawing::

    [{"file": "0001_label-7_read-1.png", "label": 7, "read": 1}, ...]

``file`` is the name of a PNG in the archive, of any size and either polarity, drawn as it was on
the canvas. ``label`` is the digit that was meant, 0 to 9, or null for a drawing that is no digit.
``read`` is what the service read when it was drawn, 0 to 9 or null. Other fields are left alone.
Files that the list does not name are not read.

**An .npz** with two arrays: ``labels``, N integers, 0 to 9, or -1 for a drawing that is no digit;
and either ``pictures``, uint8 (N, H, W), brightness 0 black to 255 white, of either polarity, or
``frames``, uint8 (N, 28, 28), 255 = ink, framed as the network reads them.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from model.errors import DrawingsError
from model.frame.decoding import decode
from model.frame.pixels import framed
from model.nn.layers import Array
from model.training.pools import NOT_A_DIGIT

MOST_DRAWINGS = 10_000
MOST_PIXELS = 4096 * 4096  # of a picture
MOST_BYTES = 2**30  # of an .npz file's arrays, or of a ZIP's content


class OwnDrawings(NamedTuple):
    """Frames uint8 (N, 28, 28), 255 = ink; labels (N,) int64, -1 no digit; names to show."""

    frames: Array
    labels: Array
    names: list[str]


def load_own_drawings(path: Path) -> OwnDrawings:
    """Read a ZIP or an .npz as this module describes them. Raises DrawingsError."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise DrawingsError(f"{path} unpacks to more than {MOST_BYTES >> 30} GiB.")
            drawings = _from_zip(archive) if "drawings.json" in archive.namelist() else None
        drawings = drawings or _from_npz(path)
    except DrawingsError:
        raise
    # A damaged or foreign file fails in zipfile, zlib, NumPy, Pillow or here, each in its own way.
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:
            raise DrawingsError(f"{path} cannot be read: {error.strerror}.") from error
        raise DrawingsError(
            f"{path} is not a file of drawings: it is neither a ZIP that the page exports nor an "
            ".npz with the arrays labels and pictures or frames."
        ) from error
    if len(drawings.labels) == 0:
        raise DrawingsError(f"{path} has no drawings in it.")
    if not ((drawings.labels >= NOT_A_DIGIT) & (drawings.labels <= 9)).all():
        raise DrawingsError(f"{path} has labels that are not 0 to 9 and not -1 either.")
    return drawings


def _from_zip(archive: zipfile.ZipFile) -> OwnDrawings:
    rows: list[dict[str, Any]] = json.loads(archive.read("drawings.json"))
    if len(rows) > MOST_DRAWINGS:
        raise DrawingsError(f"{archive.filename} has more than {MOST_DRAWINGS} drawings; split it.")
    frames = [framed(_read_png(archive.read(row["file"]))) for row in rows]
    labels = [NOT_A_DIGIT if row["label"] is None else int(row["label"]) for row in rows]
    return OwnDrawings(
        np.array(frames, np.uint8).reshape(-1, 28, 28),
        np.array(labels, np.int64),
        [str(row["file"]) for row in rows],
    )


def _read_png(png: bytes) -> Array:
    """Return a PNG as upright grey, uint8 (H, W)."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError("the picture is too large")
        return decode(picture)


def _from_npz(path: Path) -> OwnDrawings:
    with np.load(path, allow_pickle=False) as arrays:
        labels = arrays["labels"]
        pictures = arrays["frames"] if "frames" in arrays else arrays["pictures"]
        if pictures.dtype != np.uint8 or pictures.ndim != 3 or labels.shape != (len(pictures),):
            raise ValueError("the arrays do not fit together")
        if "frames" in arrays and pictures.shape[1:] != (28, 28):
            raise ValueError("frames are 28x28")
        if "frames" not in arrays:
            pictures = np.array([framed(picture) for picture in pictures], np.uint8)
    names = [f"number {index}" for index in range(len(labels))]
    return OwnDrawings(
        pictures.reshape(-1, 28, 28), labels.astype(np.int64, casting="same_kind"), names
    )
