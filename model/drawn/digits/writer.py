"""A digit as somebody writes it: a style, a hand, a pen.

A style (`styles/`) gives the strokes of one digit. A writer's slant, proportions, haste and tremor
bend them, and a pen from hair-thin to marker draws them as a canvas would. The picture is framed as
a user's drawing is.
"""

from collections.abc import Sequence
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from model.drawn.digits.styles import HELD_OUT, TRAINING, Hand, Style
from model.drawn.generator import Purpose, Subject
from model.drawn.strokes import Stroke, affine, extent, render, resample, rotation, tremble, warp
from model.frame.paper import Grey
from model.frame.preprocess import frame_as_pixels

STRETCHED = 0.2  # of the digits: by up to 1.5 in width, as form readers do to fill a field
STEP = 0.03  # heights of the digit between the points of a stroke


@cache
def digits(purpose: Purpose) -> Sequence[Subject]:
    """Return the styles for a purpose; all ten digits are equally likely.

    Raises:
        KeyError: for look-alikes, which are no digits.
    """
    styles = list({Purpose.TRAINING: TRAINING, Purpose.HELD_OUT: HELD_OUT}[purpose].values())
    return [
        Subject(style.name, style.digit, share, partial(_frame, style))
        for style, share in zip(styles, shares(styles), strict=True)
    ]


def shares(styles: Sequence[Style]) -> list[float]:
    """Return how often to draw each style, by its weight; all ten digits are equally likely."""
    of_all = np.array([style.weight for style in styles])
    for digit in range(10):
        of_digit = np.array([style.digit == digit for style in styles])
        of_all[of_digit] /= of_all[of_digit].sum() * 10
    return [float(share) for share in of_all]


def _frame(style: Style, rng: np.random.Generator) -> NDArray[np.uint8]:
    return frame_as_pixels(draw(style, rng))


def draw(style: Style, rng: np.random.Generator) -> Grey:
    """Draw one digit in a style, by some writer with some pen.

    Returns a square picture, uint8 (side, side), 0 ink to 255 paper.
    """
    wide = np.exp(style.leeway * np.clip(rng.normal(0, 0.18), -0.42, 0.42))
    if rng.random() < STRETCHED:
        wide *= np.exp(rng.uniform(-0.4, 0.4))
    strokes = affine(style.draw(Hand(rng)), np.diag([wide, 1.0]))
    pen = _pen(style, strokes, rng)
    strokes = _by_a_writer(strokes, style.leeway, rng)
    height = rng.uniform(60, 230)
    spacing = 0.3 * pen if pen > 2 * STEP else 0.0  # a thick pen needs fewer points
    strokes = [resample(stroke, spacing) if spacing > STEP else stroke for stroke in strokes]
    width: float | NDArray[np.float64] = pen * height
    if rng.random() < 0.2:
        width = width * np.concatenate([_tapered(len(stroke), rng) for stroke in strokes])
    size = int(height + pen * height + rng.uniform(10, 40))
    shift = rng.uniform(-0.5, 0.5, 2)
    return render(strokes, size=size, height=height, line_width=width, offset=(shift[0], shift[1]))


def _by_a_writer(
    strokes: Sequence[Stroke], leeway: float, rng: np.random.Generator
) -> list[Stroke]:
    """Return strokes with the slant, the bends, the haste and the tremor of somebody's hand."""
    return by_a_hand(strokes, leeway * np.clip(rng.normal(0.08, 0.18), -0.35, 0.5), leeway, rng)


def by_a_hand(
    strokes: Sequence[Stroke], slant: float, leeway: float, rng: np.random.Generator
) -> list[Stroke]:
    """Return strokes with that slant, to the right per pixel up, and a hand's unsteadiness."""
    turn = rotation(np.clip(rng.normal(0, 5), -12, 12))
    bent = affine([resample(s, STEP) for s in strokes], np.array([[1, 0], [-slant, 1]]) @ turn)
    bent = warp(bent, rng, leeway * min(0.036, abs(rng.normal(0, 0.018))))
    # When the pen is set down again it misses the place that it aims at.
    missed = rng.normal(0, 0.018, (len(bent) - 1, 2))
    bent[1:] = [stroke + miss for stroke, miss in zip(bent[1:], missed, strict=True)]
    if rng.random() < 0.5:  # haste: corners become round
        reach = int(rng.integers(1, 4))
        bent = [_rounded(stroke, reach) for stroke in bent]
    if rng.random() < 0.2:
        bent = [tremble(stroke, rng, rng.uniform(0.002, 0.009)) for stroke in bent]
    if rng.random() < 0.4:
        bent = [_run_on(stroke, rng) for stroke in bent]
    if rng.random() < 0.25:  # a slow mouse or a fast hand: few points, straight lines between them
        step = rng.uniform(0.05, 0.11)
        bent = [resample(stroke, step) for stroke in bent]
    return bent


def _rounded(stroke: Stroke, reach: int) -> Stroke:
    """Return the running mean over ``reach`` points on either side; the ends stay in place."""
    padded = np.concatenate(
        [
            2 * stroke[:1] - stroke[reach:0:-1],
            stroke,
            2 * stroke[-1:] - stroke[-2 : -2 - reach : -1],
        ]
    )
    if len(padded) < len(stroke) + 2 * reach:
        return stroke
    sums = np.cumsum(np.concatenate([np.zeros((1, 2)), padded]), axis=0)
    window = 2 * reach + 1
    return np.asarray((sums[window:] - sums[:-window]) / window, dtype=np.float64)


def _run_on(stroke: Stroke, rng: np.random.Generator) -> Stroke:
    """Return a stroke whose ends are longer or hooked, as if the pen moved when it touched down."""
    if len(stroke) < 4:
        return stroke
    heading = np.stack([stroke[0] - stroke[2], stroke[-1] - stroke[-3]]) / (2 * STEP)
    ends = stroke[[0, -1]] + rng.uniform(0, 0.05, (2, 1)) * heading + rng.normal(0, 0.014, (2, 2))
    return np.concatenate([ends[:1], stroke, ends[1:]])


def _pen(style: Style, strokes: Sequence[Stroke], rng: np.random.Generator) -> float:
    """Return a pen's width in heights of the digit: mostly usual, seldom one that fills loops."""
    low, high = extent(strokes)
    across, down = high - low
    limit = style.widest
    if style.loop_width:
        limit *= min(1.0, float(across / down) / style.loop_width)
    pen = rng.uniform(0.05, 0.22) if rng.random() < 0.7 else np.exp(rng.uniform(-3.7, -1.15))
    # Digits that people draw small with a thick pen have loops that are nearly filled. When only a
    # fifth of the digits were drawn with up to 1.3 times the limit, the log loss on styles left out
    # was a quarter larger for pens of 0.2 heights.
    if rng.random() < 0.7:
        limit *= rng.uniform(1.2, 2.0)
    return float(pen if pen < limit else limit * rng.uniform(0.5, 1))


def _tapered(points: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a stylus's width along a stroke, by its pressure, as a factor of the pen's width.

    It swells and narrows along the stroke, and is thinner where the pen lands and leaves.
    """
    at = np.linspace(0, 1, points)
    swell = 1 + rng.uniform(0.05, 0.2) * np.sin(rng.uniform(2, 9) * at + rng.uniform(0, 6.3))
    taper = rng.uniform(0.5, 1.0, 2)
    ends = np.minimum(taper[0] + at / 0.15, taper[1] + (1 - at) / 0.15)
    return np.asarray(swell * np.minimum(1, ends), dtype=np.float64)
