"""Scribbles, strokes without a plan, and letters that no script has."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from model.drawn.non_digits.glyphs import draw, vary
from model.drawn.non_digits.kinds import Kind, drawn
from model.drawn.strokes import Stroke, affine, arc, curve, polyline, rotation
from model.frame.paper import Grey

KINDS: list[Kind] = []

Scribble = Callable[[np.random.Generator], list[Stroke]]


def _scribble(
    family: str = "scribble", *, held_out: bool = False
) -> Callable[[Scribble], Scribble]:
    """Return a decorator that registers a function as a kind.

    The function returns strokes in a square of 9 units a side.
    """

    def register(strokes: Scribble) -> Scribble:
        def picture(rng: np.random.Generator) -> Grey:
            return draw(vary(strokes(rng), rng), rng)

        picture.__name__ = strokes.__name__
        drawn(KINDS, family, held_out=held_out)(picture)
        return strokes

    return register


def _zigzag(rng: np.random.Generator, turns: int, width: float, drift: float) -> Stroke:
    """Return a line that goes to and fro over ``width``, and on by ``drift`` in ``turns`` turns."""
    x = np.where(np.arange(turns) % 2 == 0, 0.0, width) + rng.normal(0, 0.08 * width, turns)
    y = np.linspace(0, drift, turns) + rng.normal(0, 0.15, turns)
    return np.stack([x, y], axis=1)


def _turned(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    return affine(strokes, rotation(rng.uniform(0, 360)))


# ---- scribbles ---------------------------------------------------------------------------------


@_scribble()
def back_and_forth(rng: np.random.Generator) -> list[Stroke]:
    """Shading with one line that never leaves the paper."""
    line = _zigzag(rng, int(rng.integers(9, 22)), rng.uniform(5, 9), rng.uniform(4, 9))
    return _turned([curve(*line, samples=4) if rng.random() < 0.7 else line], rng)


@_scribble()
def scratched_out(rng: np.random.Generator) -> list[Stroke]:
    """A word made unreadable: to and fro several times over the same place."""
    lines = [
        curve(*_zigzag(rng, int(rng.integers(7, 12)), 9, rng.uniform(1, 4)), samples=4)
        for _ in range(rng.integers(1, 3))
    ]
    return affine(lines, rotation(rng.normal(0, 20)))


@_scribble()
def tangle(rng: np.random.Generator) -> list[Stroke]:
    """A smooth line through many points anywhere."""
    return [curve(*rng.uniform(0, 9, (rng.integers(12, 22), 2)), samples=5)]


@_scribble()
def loops_in_a_row(rng: np.random.Generator) -> list[Stroke]:
    """The loops of a pen being tried: eeee or llll, low or tall."""
    loops = rng.integers(3, 8)
    angle = np.linspace(0, 2 * np.pi * loops, 12 * loops)
    tall = rng.uniform(0.8, 2.5)
    x = angle / (2 * np.pi) * rng.uniform(0.8, 1.6) - np.sin(angle) * rng.uniform(0.5, 1.0)
    growth = 1 + rng.uniform(-0.5, 0.5) * np.linspace(0, 1, angle.size)
    return [np.stack([x, np.cos(angle) * tall * growth], axis=1)]


@_scribble(held_out=True)
def ball_of_yarn(rng: np.random.Generator) -> list[Stroke]:
    """Round and round, every time another way."""
    turns = rng.integers(6, 12)
    angle = np.linspace(0, 2 * np.pi * turns, 14 * turns)
    slow = angle / turns * rng.uniform(0.7, 1.6) + rng.uniform(0, 6)
    radius = 2.2 + rng.uniform(1.6, 2.4) * np.sin(slow * rng.integers(2, 5))
    centre = rng.uniform(0.6, 1.6) * np.stack([np.cos(slow), np.sin(1.7 * slow)], axis=1)
    circle = np.stack([np.cos(angle), rng.uniform(0.4, 1) * np.sin(angle)], axis=1)
    return _turned([circle * radius[:, None] + centre], rng)


@_scribble()
def bursting_star(rng: np.random.Generator) -> list[Stroke]:
    """Strokes out of one point in all directions."""
    count = rng.integers(6, 14)
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False) + rng.normal(0, 0.15, count)
    inner, outer = rng.uniform(0, 1.5), rng.uniform(3, 5, count)
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return [polyline(ray * inner, ray * end) for ray, end in zip(rays, outer, strict=True)]


@_scribble(held_out=True)
def hatching(rng: np.random.Generator) -> list[Stroke]:
    """Parallel strokes, five or more, at any angle."""
    count = int(rng.integers(5, 11))
    ends = rng.normal((0, 9), 0.5, (count, 2))
    lines = [
        polyline((start, y), (end, y + rng.normal(0, 0.3)))
        for y, (start, end) in zip(np.linspace(0, 9, count), ends, strict=True)
    ]
    return _turned(lines, rng)


@_scribble()
def crosshatching(rng: np.random.Generator) -> list[Stroke]:
    """Two layers of parallel strokes."""
    first, second = hatching(rng)[::2], hatching(rng)[::2]
    return [*_centred(first), *_centred(second)]


@_scribble()
def jagged_line(rng: np.random.Generator) -> list[Stroke]:
    """Straight from point to point, nine times or more."""
    return [rng.uniform(0, 9, (rng.integers(10, 17), 2))]


@_scribble(held_out=True)
def seismograph(rng: np.random.Generator) -> list[Stroke]:
    """A long line that trembles up and down, now weakly, now strongly."""
    count = int(rng.integers(25, 45))
    strength = np.abs(curve(*rng.normal(0, 2.5, (6, 2)), samples=20)[:count, 0])
    y = rng.uniform(-1, 1, count) * (strength + 0.3)
    return [np.stack([np.linspace(0, 12, count), y], axis=1)]


@_scribble()
def scattered_strokes(rng: np.random.Generator) -> list[Stroke]:
    """Short lines in all directions, none touching on purpose."""
    places = rng.uniform(0, 9, (rng.integers(6, 14), 2))
    return [
        polyline(place - step, place + step)
        for place, step in zip(places, rng.normal(0, 0.8, places.shape), strict=True)
    ]


@_scribble()
def scattered_arcs(rng: np.random.Generator) -> list[Stroke]:
    """Pieces of circles anywhere."""
    return [
        arc(
            (rng.uniform(1, 8), rng.uniform(1, 8)),
            (rng.uniform(0.8, 3), rng.uniform(0.8, 3)),
            start := rng.uniform(0, 360),
            start + rng.uniform(90, 300),
        )
        for _ in range(rng.integers(6, 12))
    ]


@_scribble()
def overlapping_rings(rng: np.random.Generator) -> list[Stroke]:
    """Rings of different size over and beside one another."""
    return [
        arc((rng.uniform(0, 9), rng.uniform(0, 9)), (r, r * rng.uniform(0.7, 1.4)), 0, 360)
        for r in rng.uniform(0.7, 3, rng.integers(5, 9))
    ]


def _centred(strokes: list[Stroke]) -> list[Stroke]:
    middle = np.concatenate(strokes).mean(axis=0)
    return [stroke - middle for stroke in strokes]


# ---- letters of no script ----------------------------------------------------------------------

# Four strokes or more, most of them attached to others: fewer would make a digit now and then.


@_scribble("invented")
def rune(rng: np.random.Generator) -> list[Stroke]:
    """One or two stems with straight branches."""
    stems = [0.0, 5.0][: rng.integers(1, 3)]
    strokes = [polyline((x, 0), (x, 9)) for x in stems]
    for _ in range(6 - len(stems)):
        x, y = rng.choice(stems), rng.uniform(0, 9)
        reach = rng.choice((-1, 1)) * rng.uniform(2.5, 5)
        strokes.append(polyline((x, y), (x + reach, y + rng.choice((-3, 0, 3)))))
    return strokes


@_scribble("invented")
def joined_strokes(rng: np.random.Generator) -> list[Stroke]:
    """Lines, arcs and rings from anywhere on one stroke to the next."""
    strokes = [_piece(rng.uniform(0, 9, 2), rng)]
    for _ in range(rng.integers(5, 8)):
        before = strokes[rng.integers(len(strokes))]
        strokes.append(_piece(before[rng.integers(len(before))], rng))
    return strokes


def _piece(start: NDArray[np.float64], rng: np.random.Generator) -> Stroke:
    way = rng.normal(0, 1, 2)
    end = start + way / np.hypot(*way) * rng.uniform(3, 7)
    choice = rng.random()
    if choice < 0.45:
        return polyline(start, end)
    if choice < 0.9:
        bulge = (end - start)[::-1] * (1, -1) * rng.choice((-1, 1)) * rng.uniform(0.25, 0.6)
        return curve(start, (start + end) / 2 + bulge, end)
    return arc((start[0], start[1]), (1.3, 1.3), 0, 360)


@_scribble("invented")
def mirrored_strokes(rng: np.random.Generator) -> list[Stroke]:
    """A figure that is the same on its left and its right, on a stem."""
    half = [
        _piece(np.array([rng.uniform(2, 5), rng.uniform(0, 9)]), rng)
        for _ in range(rng.integers(2, 4))
    ]
    return [*half, *(stroke * (-1, 1) for stroke in half), polyline((0, 0), (0, 9))]


@_scribble("invented", held_out=True)
def cells(rng: np.random.Generator) -> list[Stroke]:
    """A block of four fields, with a small sign in three or four of them."""
    corners = [(0.0, 0.0), (5.0, 0.0), (0.0, 5.0), (5.0, 5.0)]
    signs: list[list[Stroke]] = [
        [polyline((0, 0), (4, 0), (4, 4))],
        [polyline((0, 0), (0, 4), (4, 4))],
        [polyline((0, 0), (4, 0), (4, 4), (0, 4), (0, 0))],
        [polyline((2, 0), (0, 4)), polyline((2, 1), (4, 4))],
        [arc((2, 2), (2, 2), 0, 360)],
        [polyline((2, 0), (2, 4)), polyline((0, 2), (4, 2))],
        [polyline((0, 1), (4, 1)), polyline((0, 3), (4, 3))],
    ]
    picked = rng.permutation(len(signs))[: rng.integers(3, 5)]
    return [
        stroke + np.array(corner) + rng.normal(0, 0.15, stroke.shape)
        for corner, sign in zip(corners, picked, strict=False)
        for stroke in signs[sign]
    ]


@_scribble("invented", held_out=True)
def hooks_on_a_line(rng: np.random.Generator) -> list[Stroke]:
    """A line across, with hooks and rings hanging from it or standing on it."""
    level = rng.choice((1.0, 4.5))
    strokes = [polyline((0, level), (9, level))]
    for x in np.linspace(1, 8, rng.integers(3, 5)):
        side, tall = rng.choice((-1, 1)), rng.uniform(2.5, 4.5)
        if rng.random() < 0.3:
            strokes.append(arc((x, level + side * 1.5), (1.2, 1.4), 0, 360))
        else:
            tip = (x + rng.choice((-1.5, 1.5)), level + side * (tall - 0.8))
            strokes.append(curve((x, level), (x + 0.2, level + side * tall), tip))
    return strokes
