"""What is written on the paper: digits in the styles, images of handwriting, other signs.

Each gives coverage by a pen, float32 (H, W), 0 to 1, cut to the ink, its longest side as asked for.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.drawn.digits.styles import Style
from model.drawn.digits.writer import draw
from model.drawn.non_digits.kinds import Kind

Levels = NDArray[np.float32]  # (H, W)
Ink = Callable[[float, np.random.Generator], Levels]
"""Writes a sign whose longest side is so many pixels."""


def of_style(style: Style, longest: float, rng: np.random.Generator) -> Levels:
    """Draw a digit in a style."""
    return _cut_to(255 - draw(style, rng), longest)


def of_image(images: NDArray[np.uint8], longest: float, rng: np.random.Generator) -> Levels:
    """Choose one of the framed digits (N, 28, 28), 0 paper to 255 ink, as MNIST's are."""
    image = images[rng.integers(len(images))]
    enlarged = _cut_to(image, longest, Image.Resampling.BICUBIC)
    # Enlarged edges are soft; a pen's are not.
    return np.asarray(np.clip((enlarged - 0.25) * 1.5, 0, 1), np.float32)


def of_kind(kind: Kind, longest: float, rng: np.random.Generator) -> Levels:
    """Draw a letter, or another sign that is no digit."""
    return _cut_to(255 - kind.draw(rng), longest)


def _cut_to(
    ink: NDArray[np.uint8],
    longest: float,
    resample: Image.Resampling = Image.Resampling.BOX,
) -> Levels:
    coverage = ink.astype(np.float32) / 255
    rows, columns = (np.flatnonzero(coverage.max(axis=axis) > 0.1) for axis in (1, 0))
    cut = coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = longest / max(cut.shape)
    height, width = (max(1, round(side * scale)) for side in cut.shape)
    scaled = Image.fromarray(cut).resize((width, height), resample)
    return np.clip(np.asarray(scaled, np.float32), 0, 1)
