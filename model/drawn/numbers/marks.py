"""What stands between and behind digits and is none: full stops, commas, dashes, number signs.

A mark is ink, uint8 (H, W), with how far its foot is above the line that the digits stand on, in
pixels of a digit `sprites.HEIGHT` high.
"""

import numpy as np
from numpy.typing import NDArray

from model.drawn.strokes import Stroke, polyline, render

Ink = NDArray[np.uint8]
Mark = tuple[Ink, float]


def _inked(strokes: list[Stroke], longest: float, pen: float) -> Ink:
    """Strokes drawn with a pen, both in pixels, cut to their ink."""
    ink = 255 - render(strokes, size=int(longest + pen) + 6, height=longest, line_width=pen)
    rows, columns = np.flatnonzero(ink.max(axis=1)), np.flatnonzero(ink.max(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _stop(rng: np.random.Generator) -> Mark:
    way = rng.normal(0, 1, 2)
    dot = polyline((0, 0), way / np.hypot(*way))
    return _inked([dot], rng.uniform(0.3, 2.5), rng.uniform(1.8, 5)), rng.uniform(-2, 3)


def _comma(rng: np.random.Generator) -> Mark:
    tail = polyline((0, 0), (rng.uniform(-0.7, 0.1), 1))
    return _inked([tail], rng.uniform(4, 9), rng.uniform(1.5, 4)), rng.uniform(-7, -1)


def _dash(rng: np.random.Generator) -> Mark:
    line = polyline((0, 0), (1, rng.normal(0, 0.12)))
    return _inked([line], rng.uniform(7, 26), rng.uniform(1.3, 4)), rng.uniform(2, 18)


def _equals(rng: np.random.Generator) -> Mark:
    apart = rng.uniform(0.25, 0.5)
    lines = [
        polyline((0, y), (1 + rng.normal(0, 0.1), y + rng.normal(0, 0.06))) for y in (0, apart)
    ]
    return _inked(lines, rng.uniform(9, 22), rng.uniform(1.3, 3)), rng.uniform(2, 16)


def _colon(rng: np.random.Generator) -> Mark:
    apart = rng.uniform(0.8, 1.0)
    dots = [polyline((0, 0), (0.05, 0.05)), polyline((0, apart), (0.05, apart + 0.05))]
    return _inked(dots, rng.uniform(7, 14), rng.uniform(1.8, 4)), rng.uniform(-2, 8)


def _hash(rng: np.random.Generator) -> Mark:
    lean = rng.uniform(0.0, 0.4)
    bars = [polyline((x + lean, 0), (x, 1)) for x in (0.3, rng.uniform(0.55, 0.75))]
    rules = [
        polyline((0, y + rng.normal(0, 0.04)), (1.1, y + rng.normal(0, 0.06))) for y in (0.35, 0.65)
    ]
    return _inked([*bars, *rules], rng.uniform(16, 30), rng.uniform(1.3, 3)), rng.uniform(-2, 8)


MARKS = {
    "stop": _stop,
    "comma": _comma,
    "dash": _dash,
    "equals": _equals,
    "colon": _colon,
    "hash": _hash,
}
