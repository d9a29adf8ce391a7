"""Drawings made of digits that are not one digit: several of them, halves, mirrored ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.drawn.digits.styles import TRAINING, Hand
from model.drawn.non_digits.glyphs import GRID, draw, vary
from model.drawn.non_digits.kinds import Draw, Kind, drawn
from model.drawn.strokes import Stroke, affine, extent, polyline, resample, rotation
from model.frame.paper import Grey

KINDS: list[Kind] = []


def digit(value: int, rng: np.random.Generator) -> list[Stroke]:
    """Return the strokes of a digit, `glyphs.GRID` high, its top left corner at (0, 0)."""
    styles = [style for style in TRAINING.values() if style.digit == value]
    weights = np.array([style.weight for style in styles])
    style = styles[rng.choice(len(styles), p=weights / weights.sum())]
    strokes = [resample(stroke, 0.06) for stroke in style.draw(Hand(rng))]
    low, high = extent(strokes)
    return [(stroke - low) * (GRID / (high - low)[1]) for stroke in strokes]


def _shifted(strokes: Sequence[Stroke], by: tuple[float, float]) -> list[Stroke]:
    return [stroke + np.array(by) for stroke in strokes]


def row(parts: Sequence[list[Stroke]], gap: tuple[float, float], rng: np.random.Generator) -> Grey:
    """Draw parts side by side, each of its own size and at its own level.

    The gaps between them are random, from the first to the second number of ``gap``, in grid units.
    """
    strokes: list[Stroke] = []
    right = 0.0
    for part in parts:
        sized = affine(part, np.eye(2) * np.exp(rng.normal(0, 0.1)))
        low, high = extent(sized)
        strokes += _shifted(sized, (right - low[0], rng.normal(0, 0.4)))
        right += float((high - low)[0]) + rng.uniform(*gap)
    return draw(vary(strokes, rng), rng)


def _any_digits(count: int, rng: np.random.Generator) -> list[list[Stroke]]:
    return [digit(value, rng) for value in rng.integers(0, 10, count)]


# ---- several digits ----------------------------------------------------------------------------


@drawn(KINDS, "several digits")
def two_digits(rng: np.random.Generator) -> Grey:
    """A number of two digits."""
    return row(_any_digits(2, rng), (1.8, 4.5), rng)


@drawn(KINDS, "several digits")
def two_touching(rng: np.random.Generator) -> Grey:
    """Two broad digits without a gap: a 1 beside another digit could be a part of it."""
    digits = rng.choice((0, 2, 3, 5, 6, 8), 2)
    return row([digit(value, rng) for value in digits], (-0.3, 0.6), rng)


@drawn(KINDS, "several digits")
def three_digits(rng: np.random.Generator) -> Grey:
    """A number of three digits."""
    return row(_any_digits(3, rng), (1.0, 3.5), rng)


@drawn(KINDS, "several digits", held_out=True)
def long_number(rng: np.random.Generator) -> Grey:
    """A number of four to six digits."""
    return row(_any_digits(int(rng.integers(4, 7)), rng), (1.0, 3.0), rng)


@drawn(KINDS, "several digits", held_out=True)
def addition(rng: np.random.Generator) -> Grey:
    """Two digits with a plus or an equals sign between them."""
    plus = [polyline((0, 4.5), (4, 4.5)), polyline((2, 2.5), (2, 6.5))]
    equals = [polyline((0, 3.5), (4, 3.5)), polyline((0, 5.5), (4, 5.5))]
    left, right = _any_digits(2, rng)
    return row([left, plus if rng.random() < 0.5 else equals, right], (1.2, 2.5), rng)


@drawn(KINDS, "several digits")
def fraction(rng: np.random.Generator) -> Grey:
    """A digit over a digit from 2 to 9, with or without a line between them."""
    upper, lower = digit(int(rng.integers(0, 10)), rng), digit(int(rng.integers(2, 10)), rng)
    strokes = [*upper, *_shifted(lower, (rng.normal(0, 0.8), GRID + rng.uniform(2, 4)))]
    if rng.random() < 0.6:
        strokes.append(polyline((-1, GRID + 1.2), (7, GRID + 1.2)))
    return draw(vary(strokes, rng), rng)


@drawn(KINDS, "several digits")
def two_overlaid(rng: np.random.Generator) -> Grey:
    """One digit written over another, only pairs of which neither disappears in the other."""
    pairs = ((2, 4), (2, 6), (3, 4), (4, 5), (4, 6), (5, 7), (6, 7), (0, 4))
    first, second = pairs[rng.integers(len(pairs))]
    over = (rng.uniform(3, 5), rng.uniform(-2, 2))
    strokes = [*digit(first, rng), *_shifted(digit(second, rng), over)]
    return draw(vary(strokes, rng), rng)


# ---- one digit, but not as it is read ----------------------------------------------------------


@drawn(KINDS, "digit spoilt")
def scratched_out_digit(rng: np.random.Generator) -> Grey:
    """A digit under a dense zigzag."""
    strokes = digit(int(rng.integers(0, 10)), rng)
    turns = int(rng.integers(7, 12))
    x = np.where(np.arange(turns) % 2 == 0, -2.0, 7.0) + rng.normal(0, 0.6, turns)
    top, bottom = rng.uniform((0.5, 6.5), (2.5, 8.5)).tolist()
    y = np.linspace(top, bottom, turns) + rng.normal(0, 0.2, turns)
    return draw(vary([*strokes, np.stack([x, y], axis=1)], rng), rng)


@drawn(KINDS, "digit spoilt")
def upper_half_of_0(rng: np.random.Generator) -> Grey:
    """An arch. The upper half of another digit may read as a 1, 2, 7 or 0."""
    return _half(0, 0.0, rng)


@drawn(KINDS, "digit spoilt", held_out=True)
def lower_half(rng: np.random.Generator) -> Grey:
    """The lower part of a 0, 3 or 5."""
    return _half(int(rng.choice((0, 3, 5))), GRID / 2, rng)


def _half(value: int, top: float, rng: np.random.Generator) -> Grey:
    strokes = []
    for stroke in digit(value, rng):
        stroke = resample(stroke, 0.4)
        inside = (stroke[:, 1] >= top) & (stroke[:, 1] <= top + GRID / 2)
        runs = np.split(stroke, np.flatnonzero(np.diff(inside)) + 1)
        strokes += [run for run in runs if len(run) > 2 and top <= run[1, 1] <= top + GRID / 2]
    return draw(vary(strokes, rng), rng)


_MIRROR = np.diag([-1.0, 1.0])

# Only digits that no longer read as digits when they are spoilt in this way: 0, 1 and 8 stay what
# they are, a mirrored 2 is nearly a 5, a 6 on its side nearly a 9, and a mirrored 4 still a 4.
_SPOILT: dict[str, tuple[NDArray[np.float64], tuple[int, ...], tuple[int, ...]]] = {
    # how: (matrix, digits for training, digits held out)
    "mirrored": (_MIRROR, (3, 6, 7), (9,)),
    "upside-down": (rotation(180), (3,), ()),
    "turned-left": (rotation(-90), (3,), (8,)),
    "turned-right": (rotation(90), (8,), (3,)),
}


def _spoilt(value: int, matrix: NDArray[np.float64]) -> Draw:
    def picture(rng: np.random.Generator) -> Grey:
        return draw(vary(affine(digit(value, rng), matrix), rng), rng)

    return picture


for _how, (_matrix, *_digits) in _SPOILT.items():
    for _held_out, _group in enumerate(_digits):
        for _one in _group:
            _picture = _spoilt(_one, _matrix)
            _picture.__name__ = f"{_how}_{_one}"
            drawn(KINDS, "digit spoilt", held_out=bool(_held_out))(_picture)
