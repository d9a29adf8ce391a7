"""Digits drawn from code, in the handwriting of many countries, for what MNIST does not hold.

A style (`styles/`) gives the strokes of one digit. A writer's slant, proportions, haste
and tremor bend them, a pen from hair-thin to marker draws them as a canvas would, and the picture
goes through the same `frame_drawing` as a user's drawing.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.drawn.digits.styles import HELD_OUT, TRAINING, Hand, Style
from model.drawn.parallel import drawn_in_chunks
from model.drawn.strokes import Stroke, affine, extent, render, resample, rotation, tremble, warp
from model.frame.pixels import framed

STEP = 0.03  # heights of the digit between the points of a stroke


class PenDigits(NamedTuple):
    """Drawn digits.

    frames: uint8 (N, 28, 28), ink 255, paper 0.
    labels: int64 (N,), 0 to 9.
    styles: str (N,), names of `model.drawn.digits.styles`.
    """

    frames: NDArray[np.uint8]
    labels: NDArray[np.int64]
    styles: NDArray[np.str_]


def generate(
    count: int,
    seed: int,
    *,
    held_out: bool = False,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PenDigits:
    """Draw `count` digits, all ten equally likely, each in a style by how common that is.

    With `held_out`, only in the styles that are never drawn without it. The result depends on
    `count`, `seed` (0 or more) and `held_out` alone, not on the number of `processes` (all cores
    by default). `progress` is called with the number done and `count`.
    """
    entropy = [seed, int(held_out)]
    return PenDigits(*drawn_in_chunks(_chunk, count, entropy, held_out, processes, progress))


def _chunk(size: int, seed: np.random.SeedSequence, held_out: bool) -> PenDigits:
    rng = np.random.default_rng(seed)
    styles = list((HELD_OUT if held_out else TRAINING).values())
    weights = np.array([style.weight for style in styles])
    for digit in range(10):
        of_digit = np.array([style.digit == digit for style in styles])
        weights[of_digit] /= weights[of_digit].sum() * 10
    chosen = [styles[i] for i in rng.choice(len(styles), size, p=weights)]
    frames = np.array([framed(draw(style, rng)) for style in chosen], np.uint8)
    labels = np.array([style.digit for style in chosen], np.int64)
    names = np.array([style.name for style in chosen], np.str_)
    return PenDigits(frames.reshape(-1, 28, 28), labels, names)


def draw(style: Style, rng: np.random.Generator) -> NDArray[np.uint8]:
    """One digit in this style by some writer with some pen: uint8 (size, size), dark on white."""
    wide = np.exp(style.leeway * np.clip(rng.normal(0, 0.18), -0.42, 0.42))
    strokes = affine(style.draw(Hand(rng)), np.diag([wide, 1.0]))
    pen = _pen(style, strokes, rng)
    strokes = _by_a_writer(strokes, style.leeway, rng)
    height = rng.uniform(60, 230)
    spacing = 0.3 * pen if pen > 2 * STEP else 0.0  # a thick pen needs fewer points
    strokes = [resample(stroke, spacing) if spacing > STEP else stroke for stroke in strokes]
    width: float | NDArray[np.float64] = pen * height
    if rng.random() < 0.2:
        width = width * np.concatenate([_pressure(len(stroke), rng) for stroke in strokes])
    size = int(height + pen * height + rng.uniform(10, 40))
    shift = rng.uniform(-0.5, 0.5, 2)
    return render(strokes, size=size, height=height, line_width=width, offset=(shift[0], shift[1]))


def _by_a_writer(
    strokes: Sequence[Stroke], leeway: float, rng: np.random.Generator
) -> list[Stroke]:
    """The strokes with the slant, the bends, the haste and the tremor of somebody's hand."""
    return by_a_hand(strokes, leeway * np.clip(rng.normal(0.08, 0.18), -0.35, 0.5), leeway, rng)


def by_a_hand(
    strokes: Sequence[Stroke], slant: float, leeway: float, rng: np.random.Generator
) -> list[Stroke]:
    """The strokes with that slant, to the right per pixel up, and a hand's unsteadiness."""
    turn = rotation(np.clip(rng.normal(0, 5), -12, 12))
    bent = affine([resample(s, STEP) for s in strokes], np.array([[1, 0], [-slant, 1]]) @ turn)
    bent = warp(bent, rng, leeway * min(0.036, abs(rng.normal(0, 0.018))))
    # Where the pen is set down anew it misses the place that it aims at.
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
    """The running mean over `reach` points on either side; the ends stay where they are."""
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
    """The ends of a stroke by a pen that lands or leaves while it moves: longer, or hooked."""
    if len(stroke) < 4:
        return stroke
    heading = np.stack([stroke[0] - stroke[2], stroke[-1] - stroke[-3]]) / (2 * STEP)
    ends = stroke[[0, -1]] + rng.uniform(0, 0.05, (2, 1)) * heading + rng.normal(0, 0.014, (2, 2))
    return np.concatenate([ends[:1], stroke, ends[1:]])


def _pen(style: Style, strokes: Sequence[Stroke], rng: np.random.Generator) -> float:
    """A pen's width in heights of the digit: mostly usual ones, seldom one that fills the loops."""
    low, high = extent(strokes)
    across, down = high - low
    limit = style.widest
    if style.loop_width:
        limit *= min(1.0, float(across / down) / style.loop_width)
    pen = rng.uniform(0.05, 0.22) if rng.random() < 0.7 else np.exp(rng.uniform(-3.7, -1.15))
    # Small digits with a thick pen have loops that are nearly filled. With 1.3 times the limit for
    # a fifth of them, styles left out were read at 0.2 heights with a quarter more log loss.
    if rng.random() < 0.7:
        limit *= rng.uniform(1.2, 2.0)
    return float(pen if pen < limit else limit * rng.uniform(0.5, 1))


def _pressure(points: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A stylus's pressure along a stroke, as a factor of the pen's width."""
    at = np.linspace(0, 1, points)
    swell = 1 + rng.uniform(0.05, 0.2) * np.sin(rng.uniform(2, 9) * at + rng.uniform(0, 6.3))
    taper = rng.uniform(0.5, 1.0, 2)
    ends = np.minimum(taper[0] + at / 0.15, taper[1] + (1 - at) / 0.15)
    return np.asarray(swell * np.minimum(1, ends), dtype=np.float64)


def contact_sheet(
    *,
    digits: Sequence[int] = range(10),
    held_out: bool = False,
    columns: int = 20,
    seed: int = 0,
    as_frames: bool = True,
) -> Image.Image:
    """A picture to look at: a row for each style of the digits, a column for each sample.

    `as_frames` shows what the network reads, enlarged threefold; otherwise the drawings as drawn.
    """
    side, label = 84, 190
    styles = [s for s in (HELD_OUT if held_out else TRAINING).values() if s.digit in digits]
    sheet = Image.new("L", (label + columns * side, len(styles) * side), 255)
    pen = ImageDraw.Draw(sheet)
    for row, style in enumerate(styles):
        rng = np.random.default_rng([seed, row])
        pen.text((4, row * side + side // 2 - 6), style.name, fill=0)
        for column in range(columns):
            picture = draw(style, rng)
            if as_frames:
                tile = Image.fromarray(255 - framed(picture)).resize(
                    (side, side), Image.Resampling.BOX
                )
            else:
                tile = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(tile, (label + column * side, row * side))
    return sheet
