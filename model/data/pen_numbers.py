"""Numbers to measure by: rows of pen drawings by one writer, whole and while they are drawn.

The pen drawings' folder, which lies outside the project, holds `numbers_drawn.py`: it puts single
drawings into rows as a canvas would show them. For measuring only.
"""

import random
import runpy
from typing import Any, NamedTuple

import numpy as np

from model.data.pen_drawings import PenDrawings, beside
from model.errors import DrawingsError
from model.frame.paper import Grey

SPACINGS = ("apart", "close", "touching")


class NumberPicture(NamedTuple):
    """A picture, uint8 (H, W), 0 black to 255 white, and the number in it; "" for none."""

    grey: Grey
    number: str


class Step(NamedTuple):
    """A number while it is drawn.

    grey: what is drawn so far, uint8 (H, W).
    finished: how many of its digits are whole.
    pen_up: whether one has just become whole, and nothing of the next is drawn.
    """

    grey: Grey
    finished: int
    pen_up: bool


def pen_numbers(drawings: PenDrawings, spacing: str, count: int) -> list[NumberPicture]:
    """Return so many numbers of 1 to 6 digits with one of `SPACINGS`. Raises DrawingsError."""
    made = _program(drawings)["numbers"](_rows(drawings), count, spacing)
    return [NumberPicture(np.asarray(picture), number) for number, picture in made]


def growing_numbers(drawings: PenDrawings, count: int, seed: int) -> list[list[Step]]:
    """Return so many numbers of two to four digits as they grow, by thirds of a stroke.

    Raises DrawingsError. The result depends on the set, ``count`` and ``seed`` alone.
    """
    program, rng = _program(drawings), random.Random(seed)
    by_writer: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(drawings):
        by_writer.setdefault(row["writer"], []).append(row)
    growing = []
    for _ in range(count):
        own = by_writer[rng.choice(sorted(by_writer))]
        chosen = [rng.choice(own) for _ in range(rng.randint(2, 4))]
        strokes = program["place"](chosen, program["GAPS"]["close"], rng)
        height, margin = rng.choice([80, 120, 160]), rng.random()

        def draw(so_far: list[Any], height: int = height, margin: float = margin) -> Grey:
            return np.asarray(program["draw"](so_far, height, 0.09 * height, random.Random(margin)))

        steps, start = [], 0
        for finished, row in enumerate(chosen):
            end = start + len(row["strokes"])
            for last in range(start, end):
                for thirds in (1, 2, 3):
                    part = strokes[last][: max(2, len(strokes[last]) * thirds // 3)]
                    whole = last == end - 1 and thirds == 3
                    drawn = draw([*strokes[:last], part])
                    steps.append(Step(drawn, finished + int(whole), whole))
            start = end
        growing.append(steps)
    return growing


def _program(drawings: PenDrawings) -> dict[str, Any]:
    program = drawings.renderer.with_name("numbers_drawn.py")
    if not program.is_file():
        raise DrawingsError(f"{program.parent} holds no {program.name}, which draws numbers.")
    with beside(program):
        return runpy.run_path(str(program))


def _rows(drawings: PenDrawings) -> list[dict[str, Any]]:
    return [
        {"strokes": strokes, "label": int(label), "writer": str(writer)}
        for strokes, label, writer in zip(
            drawings.strokes, drawings.labels, drawings.writers, strict=True
        )
    ]
