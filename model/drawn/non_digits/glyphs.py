"""Shapes written by hand: a short notation for pen strokes, and how a hand varies them.

The notation is described in `letters`, which is written in it, as is `doodles`.
"""

import re
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.drawn.generator import Purpose
from model.drawn.strokes import (
    Stroke,
    affine,
    curve,
    extent,
    render,
    resample,
    rotation,
    tremble,
    warp,
)
from model.frame.paper import Grey

GRID = 9.0  # units of the notation, side of the square that a shape is written in


class Line(NamedTuple):
    """One pen stroke before a hand writes it.

    Attributes:
        points: float64 (n, 2), x and y in units of the grid.
        smooth: whether a curve runs through the points; otherwise straight lines do.
        corners: the indices of points at which a smooth line has a corner.
    """

    points: NDArray[np.float64]
    smooth: bool
    corners: tuple[int, ...]


class Glyph(NamedTuple):
    """A shape, and the ways to write it, each a list of lines."""

    name: str
    purpose: Purpose
    variants: list[list[Line]]


def parse(table: str) -> list[Glyph]:
    """Return what a table in the notation of `letters` describes.

    Raises:
        ValueError: at a line that is not in the notation.
    """
    return [_parse_glyph(text) for text in table.replace("\n |", " |").strip().splitlines()]


def _parse_glyph(text: str) -> Glyph:
    match = re.fullmatch(r"([*?]?)([\w-]+): (.+)", text)
    if not match:
        raise ValueError(f"not `name: strokes`: {text!r}")
    mark, name, ways = match.groups()
    variants = [[_parse_line(line.strip()) for line in way.split(",")] for way in ways.split("|")]
    return Glyph(name, Purpose(mark), variants)


def _parse_line(text: str) -> Line:
    """Return a stroke, straight up to a ``~`` and smooth from there on, or a circle."""
    if re.fullmatch(r"@\d{3,4}", text):
        column, row, *radii = map(float, text[1:])
        turn = np.radians(np.arange(-100, 270, 40))  # as most people write an O, from the top
        circle = np.stack([np.cos(turn), -np.sin(turn)], axis=1)[::-1]
        return Line(circle * (radii[0], radii[-1]) + (column, row), True, ())
    straight, curved, smooth = text.partition("~")
    words = straight.split() + smooth.split()
    if not words or not all(re.fullmatch(r"\d\d!?", word) for word in words):
        raise ValueError(f"not a stroke: {text!r}")
    points = np.array([[int(word[0]), int(word[1])] for word in words], dtype=np.float64)
    first_curved = len(straight.split())
    corners = {i for i, word in enumerate(words) if word.endswith("!")} | set(range(first_curved))
    return Line(points, bool(curved), tuple(sorted(corners)))


def write(glyph: Glyph, rng: np.random.Generator) -> list[Stroke]:
    """Return the strokes of one way to write a glyph, in grid units, as a hand would vary them."""
    lines = glyph.variants[rng.integers(len(glyph.variants))]
    wobble = rng.uniform(0.1, 0.4)  # grid units, by which points miss their place
    bow = rng.normal(0, 0.04, len(lines))  # how far straight lines bulge, as a part of their length
    strokes = [_trace(*pair, wobble, rng) for pair in zip(lines, bow, strict=True)]
    return vary([_lay(stroke, rng) for stroke in strokes], rng)


def _trace(line: Line, bow: float, wobble: float, rng: np.random.Generator) -> Stroke:
    """Return the stroke of a pen that follows a line and misses each point a little."""
    points = line.points + rng.normal(0, wobble, line.points.shape)
    if len(points) == 1:  # a dot is a short dab of the pen
        dab = rng.normal(0, 0.4, 2)
        return np.concatenate([points - dab, points + dab, points + dab[::-1]])
    if not line.smooth:
        steps = np.diff(points, axis=0)
        bulge = points[:-1] + steps / 2 + steps[:, ::-1] * (bow, -bow)
        between = np.stack([points[:-1], bulge], axis=1).reshape(-1, 2)
        return np.concatenate([between, points[-1:]])
    ends = sorted({0, *line.corners, len(points) - 1})
    pieces = [curve(*points[a : b + 1], samples=5) for a, b in pairwise(ends)]
    return np.concatenate(pieces)


def _lay(stroke: Stroke, rng: np.random.Generator) -> Stroke:
    """Return a stroke put down a little off its place, its size and its direction."""
    middle = stroke.mean(axis=0)
    turned = (stroke - middle) @ rotation(rng.normal(0, 2.5)) * rng.normal(1, 0.04)
    return np.asarray(turned + middle + rng.normal(0, 0.15, 2), dtype=np.float64)


def vary(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Return a drawing in grid units slanted, turned, stretched, bent and shaken as by a hand."""
    stretch = np.exp(rng.normal(0, 0.12))
    slant = rng.normal(0.08, 0.16)
    matrix = np.array([[stretch, 0.0], [-slant, 1 / stretch]]) @ rotation(rng.normal(0, 4))
    strokes = warp(affine(strokes, matrix), rng, rng.uniform(0, 0.035))
    if rng.random() < 0.3:
        shaking = rng.uniform(0.03, 0.1)
        strokes = [tremble(resample(s, 0.5), rng, shaking) for s in strokes]
    return strokes


def draw(strokes: list[Stroke], rng: np.random.Generator) -> Grey:
    """Draw strokes with a pen from hair-thin to a marker, mostly one in between.

    The pen is never so thick that it would fill the drawing: about half its area at most is inked.
    Returns a square picture, uint8 (side, side), 0 ink to 255 paper.
    """
    low, high = extent(strokes)
    side = max(float((high - low).max()), 1e-9)
    strokes = [resample(stroke, side / 22) for stroke in strokes]
    length = sum(float(np.hypot(*np.diff(stroke, axis=0).T).sum()) for stroke in strokes)
    box = 1.15 * float(np.maximum(high - low, 0.25 * side).prod())
    thickest = max(0.5 * box / max(length, 1e-9) / side, 0.025)
    pen = rng.uniform(0.05, 0.2) if rng.random() < 0.7 else np.exp(rng.uniform(-3.7, -1.4))
    if pen > thickest:
        pen = thickest * rng.uniform(0.5, 1)
    height = rng.uniform(60, 140)
    widths: float | NDArray[np.float64] = max(1.0, height * float(pen))
    if rng.random() < 0.3:  # a stylus: pressure rises and falls along each stroke
        widths = widths * np.concatenate([_wavering(len(stroke), rng) for stroke in strokes])
    return render(strokes, size=int(height * 1.35) + 4, height=height, line_width=widths)


def _wavering(points: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a stylus's width along a stroke, by its pressure, as a factor of the pen's width."""
    phase, periods = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.5)
    wave = np.sin(phase + np.linspace(0, 2 * np.pi * periods, points))
    return np.asarray(1 + rng.uniform(0.1, 0.4) * wave, dtype=np.float64)
