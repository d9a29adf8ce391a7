"""Pen strokes: building them, bending them, and drawing them as an HTML canvas does.

A stroke is what one pen touch leaves: float64 (points, 2), x to the right and y DOWN, in any units.
Angles are in degrees, 0 to the right and growing clockwise, as in a canvas's `arc`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.frame.paper import Grey

Stroke = NDArray[np.float64]

# ---- building ----------------------------------------------------------------------------------


def polyline(*points: ArrayLike) -> Stroke:
    """Return straight lines from point to point."""
    return np.asarray(points, dtype=np.float64).reshape(-1, 2)


def curve(*points: ArrayLike, closed: bool = False, samples: int = 8) -> Stroke:
    """Return a smooth curve through the points: a centripetal Catmull-Rom spline.

    Centripetal, because it then makes neither cusps nor loops of its own, however unevenly the
    points lie (Yuksel, Schaefer and Keyser 2011, "Parameterization and applications of Catmull-Rom
    curves"). ``samples`` is the number of points between two of those given.
    """
    knots = polyline(*points)
    if closed:
        knots = np.concatenate([knots[-1:], knots, knots[:2]])
    else:  # mirrored ends: the curve leaves its first point and reaches its last one straight
        before, after = 2 * knots[0] - knots[1], 2 * knots[-1] - knots[-2]
        knots = np.concatenate([before[None], knots, after[None]])
    p0, p1, p2, p3 = knots[:-3, None], knots[1:-2, None], knots[2:-1, None], knots[3:, None]
    d1, d2, d3 = (
        np.maximum(np.linalg.norm(b - a, axis=2, keepdims=True), 1e-9) ** 0.5
        for a, b in ((p0, p1), (p1, p2), (p2, p3))
    )
    tangent1 = d2 * ((p1 - p0) / d1 - (p2 - p0) / (d1 + d2) + (p2 - p1) / d2)
    tangent2 = d2 * ((p2 - p1) / d2 - (p3 - p1) / (d2 + d3) + (p3 - p2) / d3)
    t = np.linspace(0, 1, samples, endpoint=False)[None, :, None]
    pieces = (
        (2 * t**3 - 3 * t**2 + 1) * p1
        + (t**3 - 2 * t**2 + t) * tangent1
        + (3 * t**2 - 2 * t**3) * p2
        + (t**3 - t**2) * tangent2
    )
    return np.concatenate([pieces.reshape(-1, 2), knots[-2][None]])


def arc(
    centre: tuple[float, float],
    radius: tuple[float, float],
    start: float,
    end: float,
    tilt: float = 0.0,
) -> Stroke:
    """Return a part of an ellipse, from angle ``start`` to ``end``, turned by ``tilt``.

    With ``end`` below ``start`` it goes anticlockwise; a full turn, ``end`` = ``start`` + 360, is
    the whole ellipse. ``radius`` holds its two half axes.
    """
    angles = np.radians(np.linspace(start, end, max(3, int(abs(end - start) / 12) + 1)))
    points = np.stack([radius[0] * np.cos(angles), radius[1] * np.sin(angles)], axis=1)
    return np.asarray(points @ rotation(tilt) + np.asarray(centre), dtype=np.float64)


def join(*parts: Stroke) -> Stroke:
    """Return one stroke that runs through all parts without lifting the pen."""
    return np.concatenate(parts)


# ---- bending -----------------------------------------------------------------------------------


def rotation(angle: float) -> NDArray[np.float64]:
    """Return the matrix M (2, 2) with which ``points @ M`` turns by ``angle`` degrees clockwise."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return np.array([[c, s], [-s, c]], dtype=np.float64)


def affine(strokes: Sequence[Stroke], matrix: ArrayLike) -> list[Stroke]:
    """Return the strokes with every point times a matrix (2, 2): ``points @ matrix``."""
    return [stroke @ np.asarray(matrix, dtype=np.float64) for stroke in strokes]


def extent(strokes: Sequence[Stroke]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the smallest x, y of all points, (2,), and the largest x, y, (2,)."""
    points = np.concatenate(strokes)
    return points.min(axis=0), points.max(axis=0)


def resample(stroke: Stroke, step: float) -> Stroke:
    """Return the same line with points about ``step`` apart; both ends stay where they are."""
    lengths = np.hypot(*np.diff(stroke, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    if along[-1] == 0:
        return stroke[:1]
    at = np.linspace(0, along[-1], max(2, round(along[-1] / step) + 1))
    return np.stack(
        [np.interp(at, along, stroke[:, 0]), np.interp(at, along, stroke[:, 1])], axis=1
    )


def warp(strokes: Sequence[Stroke], rng: np.random.Generator, amount: float) -> list[Stroke]:
    """Return a drawing bent smoothly as a whole, as by an unsteady hand.

    Points move by the sum of three plane waves, each with 0.5 to 1.3 periods over the drawing's
    longest side. ``amount`` is the standard deviation of the movement as a part of that side.
    """
    low, high = extent(strokes)
    side = max(float((high - low).max()), 1e-9)
    waves = rng.uniform(0.5, 1.3, 3) * 2 * np.pi / side
    directions = rng.uniform(0, 2 * np.pi, 3)
    frequencies = waves * np.stack([np.cos(directions), np.sin(directions)])
    phases = rng.uniform(0, 2 * np.pi, 3)
    shifts = rng.normal(0, amount * side * (2 / 3) ** 0.5, (3, 2))
    return [stroke + np.sin(stroke @ frequencies + phases) @ shifts for stroke in strokes]


def tremble(stroke: Stroke, rng: np.random.Generator, amount: float, wave: int = 4) -> Stroke:
    """Return a stroke shaken by noise that is smooth over about ``wave`` points.

    ``amount`` is the standard deviation of the noise, in the units of the points.
    """
    noise = rng.normal(0, amount, (len(stroke) + wave, 2))
    running = np.cumsum(noise, axis=0)
    smooth = (running[wave:] - running[:-wave]) / wave**0.5
    return np.asarray(stroke + smooth, dtype=np.float64)


# ---- drawing -----------------------------------------------------------------------------------


def render(
    strokes: Sequence[Stroke],
    *,
    size: int = 280,
    height: float = 200.0,
    line_width: float | NDArray[np.float64] = 20.0,
    offset: tuple[float, float] = (0.0, 0.0),
) -> Grey:
    """Draw strokes as an HTML canvas does with ``lineCap`` and ``lineJoin`` "round".

    A stroke of one point is a dot. Each pixel is inked by its distance to the nearest segment: full
    inside the line, falling to none over the one pixel at its edge.

    Args:
        strokes: none leaves the paper blank.
        size: pixels a side of the canvas.
        height: pixels, the longest side of the bounding box of the points; the ink reaches half a
            line beyond it.
        line_width: pixels, one number, or one for each point over all strokes in their order, as
            the pressure of a stylus makes it.
        offset: pixels, x and y, by which the bounding box is off the middle of the canvas.

    Returns:
        uint8 (size, size), 0 ink to 255 paper, antialiased.
    """
    if not strokes:
        return np.full((size, size), 255, dtype=np.uint8)
    low, high = extent(strokes)
    longest = (high - low).max()
    scale = height / longest if longest > 0 else 0.0
    points = (np.concatenate(strokes) - (low + high) / 2) * scale
    points += size / 2 + np.asarray(offset) - 0.5  # from here on, a pixel's middle is its index
    width = np.broadcast_to(np.asarray(line_width, dtype=np.float64), (len(points),))
    starts, ends, radii = _segments(strokes, points, width / 2)

    # Every segment has a square window that holds its ink, and each pixel of the window a distance
    # to the segment. All windows are computed at once, which is what makes this fast. Around the
    # canvas is a margin as wide as a window, which takes up the windows outside it.
    side = int(np.abs(ends - starts).max() + 2 * radii.max()) + 4
    corners = np.floor(np.minimum(starts, ends) - radii[:, None]).astype(int)
    corners = corners.clip(-side, size)
    middles = ((starts + ends) / 2 - corners).astype(np.float32)[:, :, None]
    halves = (ends - starts).astype(np.float32) / 2
    halves[(halves == 0).all(axis=1), 0] = 1e-6  # a dot needs a direction, any
    half_lengths = np.hypot(halves[:, 0], halves[:, 1])
    ux, uy = (halves / half_lengths[:, None]).T[:, :, None]
    x, y = np.arange(side, dtype=np.float32) - middles.transpose(1, 0, 2)
    beyond = np.abs((x * ux)[:, None, :] + (y * uy)[:, :, None])  # past the ends, along the segment
    beyond -= half_lengths[:, None, None]
    np.maximum(beyond, 0, out=beyond)
    across = (x * -uy)[:, None, :] + (y * ux)[:, :, None]
    across *= across
    beyond *= beyond
    beyond += across
    outside = np.sqrt(beyond, out=beyond)
    outside -= radii.astype(np.float32)[:, None, None]

    canvas = np.full((size + 2 * side, size + 2 * side), 1.0, dtype=np.float32)
    for (left, top), window in zip((corners + side).tolist(), outside, strict=True):
        target = canvas[top : top + side, left : left + side]
        np.minimum(target, window, out=target)
    ink = np.clip(0.5 - canvas[side:-side, side:-side], 0, min(1.0, float(width.max())))
    return np.asarray(255.5 - 255 * ink, dtype=np.uint8)


def _segments(
    strokes: Sequence[Stroke], points: NDArray[np.float64], radii: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return starts (S, 2), ends (S, 2) and radii (S,) of short pieces that make up the strokes.

    Long lines are cut, so that a window around the longest piece stays small. The radius of a piece
    is the mean of those at its two ends; a dot is a piece of no length.
    """
    last = np.cumsum([len(stroke) for stroke in strokes]) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    # Every point but a stroke's last begins a segment; a dot's only point begins and ends one.
    begins, dot = np.ones(len(points), dtype=bool), np.zeros(len(points), dtype=bool)
    begins[last] = dot[last] = first == last
    begin = np.flatnonzero(begins)
    end = np.where(dot[begin], begin, begin + 1)
    steps = points[end] - points[begin]
    longest = max(8.0, float(radii.max()))
    pieces = np.maximum(1, np.ceil(np.hypot(steps[:, 0], steps[:, 1]) / longest)).astype(int)
    which = np.repeat(np.arange(len(begin)), pieces)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    step = (steps / pieces[:, None])[which]
    starts = points[begin][which] + nth[:, None] * step
    return starts, starts + step, ((radii[begin] + radii[end]) / 2)[which]
