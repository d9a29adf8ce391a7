"""Real numbers to measure by: rows of pen drawings by one writer, and amounts on bank cheques.

Both lie outside the project and are for measuring only. The pen drawings' folder holds
`numbers_drawn.py`, which puts single drawings into rows as a canvas would show them. A folder of
cheque fields holds `fields.json` and the pictures, in `fields.zip` or beside it.
"""

import io
import json
import runpy
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from model.data.pen_drawings import PenDrawings
from model.errors import DrawingsError
from model.frame.decoding import decode
from model.frame.paper import Grey

SPACINGS = ("apart", "close", "touching")


class NumberPicture(NamedTuple):
    """A picture, uint8 (H, W), 0 black to 255 white, and the number in it; "" for none."""

    grey: Grey
    number: str


def pen_numbers(drawings: PenDrawings, spacing: str, count: int) -> list[NumberPicture]:
    """Return so many numbers of 1 to 6 digits with one of `SPACINGS`. Raises DrawingsError."""
    program = drawings.renderer.with_name("numbers_drawn.py")
    if not program.is_file():
        raise DrawingsError(f"{program.parent} holds no {program.name}, which draws numbers.")
    rows = [
        {"strokes": strokes, "label": int(label), "writer": str(writer)}
        for strokes, label, writer in zip(
            drawings.strokes, drawings.labels, drawings.writers, strict=True
        )
    ]
    made = runpy.run_path(str(program))["numbers"](rows, count, spacing)
    return [NumberPicture(np.asarray(picture), number) for number, picture in made]


def cheque_fields(folder: Path) -> Iterator[NumberPicture]:
    """Yield the fields of cheques. Raises DrawingsError if there are none, or they are damaged."""
    try:
        fields = json.loads((folder / "fields.json").read_text())
        with zipfile.ZipFile(folder / "fields.zip") as archive:
            for field in fields:
                with Image.open(io.BytesIO(archive.read(field["file"]))) as picture:
                    yield NumberPicture(decode(picture), field["number"])
    except FileNotFoundError as error:
        raise DrawingsError(
            f"{folder} holds no cheque fields: {error.filename} is missing."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DrawingsError(
            f"the cheque fields in {folder} are damaged; fetch them again."
        ) from error
