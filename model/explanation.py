"""Why a frame was read as it was: what becomes of the reading when pieces of its ink are missing.

Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", cover a picture
place by place. Here a place is a soft disc, as wide as a stroke and a little more, and only what
has ink is covered. So what is shown are pieces of strokes, not single pixels.
"""

from collections.abc import Callable

import numpy as np

from model.nn.base import Array

STEP = 3  # pixels between the middles of two discs
REACH = 2.0  # pixels, standard deviation of a disc
LEAST = 0.1  # of the disc with the most ink: one with less covers nothing that could be missed


def influence(predict: Callable[[Array], Array], frame: Array, digit: int) -> Array:
    """Return how each pixel's ink spoke for a digit, float32 (H, W) in -1..1.

    Above 0 it spoke for the digit: without it, and what is near it, the digit's odds against the
    other nine are smaller. Below 0 it spoke against it.

    Args:
        predict: frames (N, H, W, 1) -> logits (N, 10) or more.
        frame: float32 (H, W, 1) in [-0.5, 0.5].
        digit: the digit, 0 to 9.
    """
    ink = frame[:, :, 0] + np.float32(0.5)
    discs = _discs(ink)
    covered = ink * (1 - discs) - np.float32(0.5)
    odds = _log_odds(predict(np.concatenate([frame[np.newaxis], covered[..., np.newaxis]])), digit)
    lost = odds[0] - odds[1:]
    spoke = np.tensordot(lost, discs, 1) / np.maximum(discs.sum(axis=0), 1e-6) * ink
    return np.asarray(spoke / max(float(np.abs(spoke).max()), 1e-12), np.float32)


def _discs(ink: Array) -> Array:
    """Return the discs that have ink in them, float32 (N, H, W) in 0..1; at least one."""
    rows, columns = (np.arange(side, dtype=np.float32) for side in ink.shape)
    down = np.exp(-((rows - rows[::STEP, np.newaxis]) ** 2) / (2 * REACH**2))
    across = np.exp(-((columns - columns[::STEP, np.newaxis]) ** 2) / (2 * REACH**2))
    inked = down @ ink @ across.T
    places = np.argwhere(inked >= LEAST * inked.max())
    return np.asarray(down[places[:, 0], :, np.newaxis] * across[places[:, 1], np.newaxis, :])


def _log_odds(logits: Array, digit: int) -> Array:
    """Return log(p / (1 - p)) of a digit among the ten, float64 (N,)."""
    among = logits[:, :10].astype(np.float64)
    others = np.delete(among, digit, axis=1)
    return np.asarray(among[:, digit] - np.logaddexp.reduce(others, axis=1))
