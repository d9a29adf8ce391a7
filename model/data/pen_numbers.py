"""Numbers to measure by: rows of pen drawings by one writer.

The pen drawings' folder, which lies outside the project, holds `numbers_drawn.py`: it puts single
drawings into rows as a canvas would show them. For measuring only.
"""

import runpy
from typing import NamedTuple

import numpy as np

from model.data.pen_drawings import PenDrawings, beside
from model.errors import DrawingsError
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
    with beside(program):
        made = list(runpy.run_path(str(program))["numbers"](rows, count, spacing))
    return [NumberPicture(np.asarray(picture), number) for number, picture in made]
