"""What lies behind a number on paper: security patterns, grain, rules, as amounts of ink."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Ink = NDArray[np.uint8]
Field = NDArray[np.float32]

SIZE = (48, 420)  # pixels, rows and columns of a sheet: larger than any strip


def sheets(count: int, rng: np.random.Generator) -> Ink:
    """Return pieces of paper with patterns on them, uint8 (count, *SIZE), 255 as dark as ink."""
    chosen = rng.choice(len(_PATTERNS), count, p=[0.32, 0.2, 0.12, 0.2, 0.16])
    return np.array([_sheet(_PATTERNS[index], rng) for index in chosen])


def _sheet(
    pattern: Callable[[Field, Field, np.random.Generator], Field], rng: np.random.Generator
) -> Ink:
    y, x = np.indices(SIZE).astype(np.float32)
    angle = rng.uniform(-0.4, 0.4)
    x, y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    ink = pattern(x, y, rng) * rng.uniform(20, 160)
    ink += np.abs(rng.normal(0, rng.uniform(0, 28), SIZE))
    picture = Image.fromarray(np.clip(ink, 0, 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.8))))


def _lines(u: Field, width: float) -> Field:
    """Lines where ``u`` is a whole number, ``width`` of the distance between them wide."""
    return np.asarray(np.clip(1 - np.abs(u - np.rint(u)) * 2 / width, 0, 1), np.float32)


def _waves(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Wavy lines side by side, often two such sheaves across each other."""
    total = np.zeros(SIZE, np.float32)
    for _ in range(rng.integers(1, 3)):
        period, swing, apart = rng.uniform(20, 120), rng.uniform(1, 12), rng.uniform(3, 9)
        u = (y + swing * np.sin(x * 2 * np.pi / period + rng.uniform(0, 6))) / apart
        u += x * rng.uniform(-0.15, 0.15)
        total += _lines(u, rng.uniform(0.3, 0.6))
    return np.minimum(total, 1)


def _rosette(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Rings around points beside the strip, wavy ones too."""
    total = np.zeros(SIZE, np.float32)
    for _ in range(rng.integers(1, 4)):
        dx, dy = x - rng.uniform(0, SIZE[1]), y - rng.uniform(-30, SIZE[0] + 30)
        petals = np.sin(np.arctan2(dy, dx) * rng.integers(0, 12)) * rng.uniform(0, 4)
        u = (np.hypot(dx, dy) + petals) / rng.uniform(4, 12)
        total += _lines(u, rng.uniform(0.2, 0.5))
    return np.minimum(total, 1)


def _dots(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """A printer's screen."""
    apart = rng.uniform(2.5, 6)
    return np.asarray(
        np.clip(np.sin(x * 2 * np.pi / apart) * np.sin(y * 2 * np.pi / apart) * 1.5, 0, 1)
    )


def _hatching(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Straight lines side by side, each with breaks."""
    apart, slope = rng.uniform(3, 8), rng.uniform(-0.6, 0.6)
    u = np.asarray((y + x * slope) / apart, np.float32)
    breaks = np.sin(x * 2 * np.pi / rng.uniform(8, 60) + np.rint(u) * rng.uniform(0, 6))
    return _lines(u, rng.uniform(0.2, 0.5)) * (breaks > rng.uniform(-1.5, 0.3))


def _plain(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Nothing but the grain."""
    return np.zeros(SIZE, np.float32)


_PATTERNS = (_waves, _rosette, _dots, _hatching, _plain)


def rule(ink: Ink, row: float, slope: float, thickness: float, level: int) -> None:
    """Draw a line across ``ink`` (H, W), in place: at ``row`` on its left, falling by ``slope``."""
    rows = np.arange(len(ink))[:, np.newaxis]
    line = row + slope * np.arange(ink.shape[1])
    across = np.clip(thickness / 2 + 0.5 - np.abs(rows - line), 0, 1) * level
    np.maximum(ink, across.astype(np.uint8), out=ink)
