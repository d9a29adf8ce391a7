"""How reading holds when a drawing is moved, turned, faint, noisy or drawn with another pen.

Each sweep changes one thing and leaves the rest as it is. The drawings are digits drawn from code
in the styles that training never draws, upright and plain, so that a change is what it says.
"""

import io
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from model.drawn.digits.styles import HELD_OUT, Hand
from model.drawn.strokes import Stroke, affine, render, rotation
from model.frame.preprocess import frame_as_pixels
from model.nn.base import Array
from model.parallel import in_processes

CANVAS = 280  # pixels
HEIGHT = 200  # pixels, longest side of the pen's path
PEN = 20  # pixels, width of its line
_PIECE = 50  # drawings that one process makes at a time


class Drawing:
    """A digit's strokes, and their plain picture: uint8 (280, 280), dark ink on white paper."""

    def __init__(self, strokes: list[Stroke], rng: np.random.Generator) -> None:
        self.strokes, self.rng = strokes, rng

    @cached_property
    def picture(self) -> Array:
        """The drawing with nothing changed."""
        return render(self.strokes, height=HEIGHT, line_width=PEN)


class Sweep(NamedTuple):
    """One change to a drawing.

    Attributes:
        unit: of the amounts.
        amounts: how much to change, from low to high.
        change: draws with so much of it, uint8 (280, 280).
    """

    unit: str
    amounts: tuple[float, ...]
    change: Callable[[Drawing, float], Array]


def _shifted(drawing: Drawing, amount: float) -> Array:
    offset = (amount, amount)
    return render(drawing.strokes, height=0.4 * HEIGHT, line_width=0.4 * PEN, offset=offset)


def _scaled(drawing: Drawing, amount: float) -> Array:
    scale = amount / 100 * CANVAS / (HEIGHT + PEN)  # ink reaches half a line beyond the path
    return render(drawing.strokes, height=scale * HEIGHT, line_width=scale * PEN)


def _rotated(drawing: Drawing, amount: float) -> Array:
    return render(affine(drawing.strokes, rotation(amount)), height=HEIGHT, line_width=PEN)


def _sheared(drawing: Drawing, amount: float) -> Array:
    slanted = affine(drawing.strokes, [[1, 0], [-np.tan(np.radians(amount)), 1]])
    return render(slanted, height=HEIGHT, line_width=PEN)


def _with_pen(drawing: Drawing, amount: float) -> Array:
    return render(drawing.strokes, height=HEIGHT, line_width=amount)


def _faint(drawing: Drawing, amount: float) -> Array:
    return np.rint(255 - (255 - drawing.picture.astype(np.float64)) * amount / 100).astype(np.uint8)


def _noisy(drawing: Drawing, amount: float) -> Array:
    grey = 40 + drawing.picture * (175 / 255)  # room for noise above paper and below ink
    noise = drawing.rng.normal(0, amount, grey.shape)
    return np.rint(np.clip(grey + noise, 0, 255)).astype(np.uint8)


def _blurred(drawing: Drawing, amount: float) -> Array:
    return np.asarray(Image.fromarray(drawing.picture).filter(ImageFilter.GaussianBlur(amount)))


def _inverted(drawing: Drawing, amount: float) -> Array:
    return 255 - drawing.picture if amount else drawing.picture


def _compressed(drawing: Drawing, amount: float) -> Array:
    file = io.BytesIO()
    Image.fromarray(drawing.picture).save(file, "JPEG", quality=int(amount))
    return np.asarray(Image.open(file))


SWEEPS = {
    "shift": Sweep("pixels of 280, right and down", (-80, -40, 0, 40, 80), _shifted),
    "scale": Sweep("% of the canvas", (30, 40, 60, 80, 100), _scaled),
    "rotation": Sweep("degrees", (-20, -10, 0, 10, 20), _rotated),
    "shear": Sweep("degrees", (-25, -12, 0, 12, 25), _sheared),
    "pen width": Sweep("pixels, for a digit of 200", (4, 8, 12, 20, 32, 44), _with_pen),
    "contrast": Sweep("% of black on white", (10, 25, 50, 100), _faint),
    "noise": Sweep("grey levels", (0, 12, 24, 48), _noisy),
    "blur": Sweep("pixels of 280", (0, 3, 6, 12), _blurred),
    "inversion": Sweep("0 dark on light, 1 light on dark", (0, 1), _inverted),
    "JPEG": Sweep("quality", (5, 25, 50, 95), _compressed),
}


def sweep_frames(
    count: int, seed: int, processes: int | None = None
) -> tuple[dict[str, Array], Array]:
    """Draw digits with each amount of every sweep, the same digits for all.

    Args:
        count: N digits.
        seed: decides what is drawn, 0 or more.
        processes: to draw in; all cores by default. They do not change the result.

    Returns:
        The frames of each sweep by its name, uint8 (amounts, N, 28, 28) with 255 = ink; and the
        labels, int64 (N,).
    """
    starts = range(0, count, _PIECE)
    pieces = [(start, min(start + _PIECE, count), seed) for start in starts]
    frames = np.concatenate(list(in_processes(_draw, pieces, processes)), axis=1)
    ends = np.cumsum([len(sweep.amounts) for sweep in SWEEPS.values()])
    return dict(zip(SWEEPS, np.split(frames, ends[:-1]), strict=True)), np.arange(count) % 10


def _draw(start: int, end: int, seed: int) -> Array:
    """Return the frames of digits number start to end: (amounts of all sweeps, N, 28, 28)."""
    drawings = []
    for index in range(start, end):
        rng = np.random.default_rng([seed, index])
        styles = [style for style in HELD_OUT.values() if style.digit == index % 10]
        drawings.append(Drawing(styles[rng.integers(len(styles))].draw(Hand(rng)), rng))
    return np.stack(
        [
            np.stack([frame_as_pixels(sweep.change(drawing, amount)) for drawing in drawings])
            for sweep in SWEEPS.values()
            for amount in sweep.amounts
        ]
    )
