"""Sums and products with one number for each channel of x (..., C).

NumPy's inner loop over an array that is broadcast along the last axis is as short as that axis:
a few channels. Here a loop goes along a whole line of pixels, (W, C), and a vector (C,) is
repeated to match it.
"""

import numpy as np

from model.nn.base import Array


def channel_sums(x: Array) -> Array:
    """Return the sum of each channel of a contiguous x (..., C), by a matrix product: (C,).

    Which reads memory at full speed.
    """
    rows = x.reshape(-1, x.shape[-1])
    return np.ones(len(rows), rows.dtype) @ rows


def add_to_channels(x: Array, vector: Array) -> None:
    """Add to each channel of a contiguous x (..., C) its number of ``vector`` (C,), in place."""
    lines = in_lines(x)
    lines += along_lines(vector, x)


def in_lines(x: Array) -> Array:
    """Return a contiguous x (N, ..., W, C) as a view (N * ..., W * C)."""
    return x.reshape(-1, x.shape[-2] * x.shape[-1]) if x.ndim > 2 else x


def along_lines(vector: Array, x: Array) -> Array:
    """Return the (C,) vector repeated to fit a line of `in_lines` (x)."""
    if x.ndim == 2:
        return vector
    return np.broadcast_to(vector, (x.shape[-2], len(vector))).reshape(-1)
