"""Convolution of one frame with kernels of 3 x 3 by Winograd's method, down its columns alone.

`winograd` makes tiles in both directions, with the fewest multiplications. Of one frame its 40
products are so small that BLAS mostly copies weights, and to transform long lines takes as long
as the products. Here only columns are transformed: 6 rows of outputs are made of 8 values, each
of which is one product of windows of 1 x 3, (positions, 3 C) @ (3 C, F). So 24 multiplications
stand instead of 54, and the products are 8.
"""

from functools import partial

import numpy as np

from model.nn.base import Array, Shape, Sides, pair
from model.nn.fast.implementation import Step
from model.nn.fast.winograd import KERNEL_SIZE, LEAST_CHANNELS, direction, powers
from model.nn.fast.workspace import empty

_OUTPUTS = 6  # rows of outputs that a tile gives
_VALUES = _OUTPUTS + KERNEL_SIZE - 1
_LEAST_POSITIONS = 12  # of a product: for fewer, weights are read that take longer than they save


def pays(kernel_size: Sides, stride: Sides, shape: Shape, channels: int) -> bool:
    """Say whether there are enough whole tiles in y of ``shape`` (1, H', W', F)."""
    _, rows, columns, filters = shape
    return (
        (kernel_size, stride) == (KERNEL_SIZE, 1)
        and rows % _OUTPUTS == 0
        and rows // _OUTPUTS * columns >= _LEAST_POSITIONS
        and min(channels, filters) >= LEAST_CHANNELS
    )


def transformed(weights: Array) -> Array:
    """Return the right factors of the products, (8, 3 C, F), of weights (3, 3, C, F)."""
    _, _, channels, filters = weights.shape
    of_weights = powers(_OUTPUTS, KERNEL_SIZE).astype(weights.dtype)
    values = of_weights @ weights.reshape(KERNEL_SIZE, -1)
    return values.reshape(_VALUES, KERNEL_SIZE * channels, filters)


def plan(x: Array, factors: Array, shape: Shape, padding: Sides) -> tuple[Array, list[Step]]:
    """Return y (1, H', W', F), and the steps that write to it x (1, H, W, C) convolved.

    ``factors`` are the `transformed` weights. ``shape`` is that of y, of whole tiles.
    """
    down, across = pair(padding)
    _, height, width, channels = x.shape
    _, _, columns, filters = shape
    to_values, to_outputs = direction(_OUTPUTS, height, down, x.dtype)
    lines = len(to_values)
    values = empty((lines, width + 2 * across, channels), x.dtype)
    inside = values[:, across : across + width]
    # A row of a window is 3 C numbers that lie side by side.
    by_line, by_column, by_channel = values.strides
    window = (lines, columns, KERNEL_SIZE * channels)
    views: Array = np.ndarray(window, x.dtype, values, strides=(by_line, by_column, by_channel))
    windows = empty(window, x.dtype)
    products = empty((lines, columns, filters), x.dtype)
    y = empty(shape, x.dtype)
    steps: list[Step] = [
        partial(np.matmul, to_values, x.reshape(height, -1), inside.reshape(lines, -1)),
        partial(np.copyto, windows, views),
        partial(
            np.matmul,
            windows.reshape(_VALUES, -1, window[-1]),
            factors,
            products.reshape(_VALUES, -1, filters),
        ),
        partial(np.matmul, to_outputs, products.reshape(lines, -1), y.reshape(shape[1], -1)),
    ]
    if across:
        margins = values[:, :across], values[:, across + width :]
        steps[:0] = [partial(margin.fill, 0) for margin in margins]
    return y, steps
