"""A hand that draws: random choices, and shapes that come out a little different every time.

A style of writing, in the other modules of this package, is a function that takes a `Hand` and
returns strokes; `@style` registers it. Digits stand upright, with y from about 0 (top) to 1.
"""

import enum
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from model.drawn.strokes import Stroke, curve, polyline

Point = tuple[float, float]


class Hand:
    """Draws shapes, each with a wobble of its own.

    Attributes:
        rng: where all its random numbers come from.
        looseness: the standard deviation by which it misses the points that it aims at, in heights
            of the digit.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        """Make a hand that is as loose as chance has it."""
        self.rng = rng
        self.looseness = 0.006 + 0.04 * rng.beta(1.5, 3)

    def between(self, low: float, high: float) -> float:
        """Return a number from ``low`` to ``high``, all equally likely."""
        return float(self.rng.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return bool(self.rng.random() < probability)

    def curve(self, *points: Point, closed: bool = False) -> Stroke:
        """Return a smooth curve that passes near the points."""
        return curve(self._missed(points), closed=closed)

    def line(self, *points: Point) -> Stroke:
        """Return lines that pass near the points, each slightly bent; corners stay sharp."""
        aims = self._missed(points)
        bend = np.sin(np.linspace(0, np.pi, 8, endpoint=False))[:, None]
        along = np.linspace(0, 1, 8, endpoint=False)[:, None]
        bows = self.rng.normal(0, 0.6 * self.looseness + 0.006, len(aims) - 1)
        legs = [
            a + (b - a) * along + bend * bow * (b - a)[::-1] * (-1, 1)
            for a, b, bow in zip(aims[:-1], aims[1:], bows, strict=True)
        ]
        return np.concatenate([*legs, aims[-1:]])

    def ring(
        self,
        centre: Point,
        radius: Point,
        start: float,
        sweep: float,
        *,
        square: float = 0.0,
        drift: float | None = None,
    ) -> Stroke:
        """Return an oval, or a part of one.

        Args:
            centre: x and y.
            radius: the half axes along x and y.
            start: degrees, where it begins; 0 is to the right.
            sweep: degrees that it goes on for, clockwise if positive.
            square: below 0 it is more like a lozenge, above like a box; from -0.2 to 0.5.
            drift: the part of its radius by which it grows on the way, so that its end does not
                meet its beginning; random by default.
        """
        if drift is None:
            drift = float(self.rng.normal(0, 1.5 * self.looseness))
        turn = np.linspace(0, 1, int(abs(sweep) / 12) + 2)
        angles = np.radians(start + sweep * turn)
        x, y = np.cos(angles), np.sin(angles)
        lumps = self.rng.normal(0, 1.2 * self.looseness, 2)
        phases = self.rng.uniform(0, 2 * np.pi, 2)
        size = 1 + drift * (turn - 0.5)
        size += lumps[0] * np.cos(2 * angles + phases[0]) + lumps[1] * np.cos(
            3 * angles + phases[1]
        )
        size += square * 0.6 * (np.abs(np.sin(2 * angles)) - 0.5)
        points = np.stack([x * size, y * size], axis=1) * radius
        return np.asarray(points + np.asarray(centre), dtype=np.float64)

    def _missed(self, points: tuple[Point, ...]) -> Stroke:
        aims = polyline(*points)
        return np.asarray(aims + self.rng.normal(0, self.looseness, aims.shape), dtype=np.float64)


class Where(enum.Enum):
    """Where a style is drawn."""

    TRAINING = enum.auto()
    IN_NUMBERS = enum.auto()  # in training too: beside others, or cut out from among them
    HELD_OUT = enum.auto()  # for validation and evaluation, never trained on


class Style(NamedTuple):
    """A way of writing a digit.

    Attributes:
        name: that of the function that draws it.
        digit: 0 to 9.
        weight: how common it is, beside the other styles of the digit.
        widest: the widest pen that leaves it readable, in heights of the digit.
        loop_width: a digit whose width, in heights, is below this has loops that a pen fills
            sooner: its widest pen is narrower in proportion. 0 if it has no loops.
        leeway: the part of a writer's slant and proportions that the digit bears before a person
            could take it for another one, 0 to 1.
        like_a_letter: whether it is a digit only among others, and alone rather a letter or a sign.
        draw: returns its strokes.
    """

    name: str
    digit: int
    weight: float
    widest: float
    loop_width: float
    leeway: float
    like_a_letter: bool
    draw: Callable[[Hand], list[Stroke]]


_STYLES: dict[Where, dict[str, Style]] = {where: {} for where in Where}
TRAINING, IN_NUMBERS, HELD_OUT = _STYLES.values()


def style(
    digit: int,
    weight: float = 1.0,
    *,
    widest: float = 0.24,
    loop_width: float = 0.0,
    leeway: float = 1.0,
    like_a_letter: bool = False,
    where: Where = Where.TRAINING,
) -> Callable[[Callable[[Hand], list[Stroke]]], Callable[[Hand], list[Stroke]]]:
    """Return a decorator that registers a function as a style; see `Style` and `Where`."""

    def register(draw: Callable[[Hand], list[Stroke]]) -> Callable[[Hand], list[Stroke]]:
        name = draw.__name__
        _STYLES[where][name] = Style(
            name, digit, weight, widest, loop_width, leeway, like_a_letter, draw
        )
        return draw

    return register
