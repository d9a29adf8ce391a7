"""A convolution by one matrix product of its windows ("im2col"), as `Conv2D` defines it.

What is faster here: the windows are cut out by strides alone and copied in runs as long as there
are, and the products are in pieces. Shapes: x (N, H, W, C), weights (K, K, C, F),
y (N, H', W', F), windows (N, H', W', K, K, C).
"""

from functools import partial

import numpy as np

from model.nn.base import Array, Shape, Sides, pair
from model.nn.fast.implementation import Step
from model.nn.fast.matmul import by_rows
from model.nn.fast.workspace import empty, own_memory, scratch


def forward(x: Array, weights: Array, shape: Shape, stride: Sides, padding: Sides) -> Array:
    """Return y of this ``shape``, without a bias."""
    n, _, _, filters = shape
    y = empty(shape, x.dtype)
    with scratch():
        rows = _rows(x, weights.shape[:2], stride, padding)
        np.matmul(*by_rows(rows, weights.reshape(-1, filters), y.reshape(n, -1, filters)))
    return y


def backward(
    dy: Array, x: Array, weights: Array, stride: Sides, padding: Sides, *, input_gradient: bool
) -> tuple[Array | None, Array]:
    """Return (dx, dweights) of `forward`; dx is None unless asked for."""
    filters = weights.shape[3]
    with scratch():
        # Copying the windows again is cheaper than keeping K * K copies of every activation.
        rows = _rows(x, weights.shape[:2], stride, padding)
        of_images = rows.transpose(0, 2, 1) @ dy.reshape(len(x), -1, filters)
    dweights = of_images.sum(axis=0).reshape(weights.shape)
    if not input_gradient:
        return None, dweights
    whole, dx = _with_margin(x.shape, padding, dy.dtype)
    with scratch():
        dwindows = empty((*dy.shape[:3], *weights.shape[:3]), dy.dtype)
        columns = np.ascontiguousarray(weights.reshape(-1, filters).T)
        np.matmul(dy.reshape(-1, filters), columns, out=dwindows.reshape(-1, columns.shape[1]))
        _add_up(dwindows, whole, stride)
    return dx, dweights


def plan(
    x: Array, weights: Array, shape: Shape, stride: Sides, padding: Sides
) -> tuple[Array, list[Step]]:
    """Return y (1, H', W', F), and the steps that write to it what `forward` gives for x."""
    steps: list[Step] = []
    if padding:
        with own_memory():  # the zeros around x stay
            x, unpadded = _padded(x, padding), x
        inside = _inside(x, padding)
        steps.append(partial(np.copyto, inside, unpadded))
    views = _windows(x, weights.shape[:2], stride)
    copies, rows = _memory_for(views)
    y = empty(shape, x.dtype)
    factors = by_rows(rows, weights.reshape(-1, shape[3]), y.reshape(1, -1, shape[3]))
    return y, [*steps, partial(np.copyto, copies, views), partial(np.matmul, *factors)]


def _rows(x: Array, size: Sides, stride: Sides, padding: Sides) -> Array:
    """Return the windows of x as the rows of matrices (N, H' W', K K C)."""
    views = _windows(_padded(x, padding), size, stride)
    copies, rows = _memory_for(views)
    copies[...] = views
    return rows


def _memory_for(views: Array) -> tuple[Array, Array]:
    """Return memory for copies of windows, and a view of it as matrices (N, H' W', K K C)."""
    n, rows, columns, *window = views.shape
    if window[-1] > 1:
        copies = empty(views.shape, views.dtype)
        return copies, copies.reshape(n, rows * columns, -1)
    # With one channel a row of a window is too short to copy: copy pixel (i, j) of all windows.
    copies = empty((n, *window, rows, columns), views.dtype)
    matrices = copies.reshape(n, -1, rows * columns).transpose(0, 2, 1)
    return copies.transpose(0, 4, 5, 1, 2, 3), matrices


def _padded(x: Array, margin: Sides) -> Array:
    """Return x with ``margin`` rows and columns of zeros on every side: (N, H+2m, W+2m, C)."""
    if margin == 0:
        return np.ascontiguousarray(x)
    whole, inside = _with_margin(x.shape, margin, x.dtype)
    down, across = pair(margin)
    _, height, width, _ = x.shape
    whole[:, :down] = 0
    whole[:, down + height :] = 0
    whole[:, down : down + height, :across] = 0
    whole[:, down : down + height, across + width :] = 0
    inside[...] = x
    return whole


def _with_margin(shape: Shape, margin: Sides, dtype: np.dtype) -> tuple[Array, Array]:
    """Return uninitialised (N, H+2m, W+2m, C) and, of that, the view (N, H, W, C) inside."""
    n, height, width, channels = shape
    down, across = pair(margin)
    whole = empty((n, height + 2 * down, width + 2 * across, channels), dtype)
    return whole, _inside(whole, margin)


def _inside(whole: Array, margin: Sides) -> Array:
    """Return the view of x (N, H+2m, W+2m, C) within its margin."""
    down, across = pair(margin)
    _, height, width, _ = whole.shape
    return whole[:, down : height - down, across : width - across]


def _windows(x: Array, size: Sides, stride: Sides) -> Array:
    """Return the view (N, H', W', K, K, C) of each window of a contiguous x, already padded.

    A row of a window is K * C numbers that lie side by side in x, so copying the view copies
    rows, not pixels.
    """
    n, height, width, channels = x.shape
    by_image, by_row, by_column, by_channel = x.strides
    (tall, wide), (down, across) = pair(size), pair(stride)
    rows, columns = (height - tall) // down + 1, (width - wide) // across + 1
    # As np.lib.stride_tricks.as_strided, in a tenth of its time.
    return np.ndarray(
        (n, rows, columns, tall, wide, channels),
        x.dtype,
        x,
        strides=(by_image, down * by_row, across * by_column, by_row, by_column, by_channel),
    )


def _add_up(dwindows: Array, dx: Array, stride: Sides) -> None:
    """Write to dx (N, H, W, C), margin included, each pixel's gradients in all its windows."""
    _, rows, columns, *sides, _ = dwindows.shape
    down, across = pair(stride)
    dx[...] = 0
    for i, j in np.ndindex(*sides):
        # The pixels that stood at (i, j) of their windows.
        at_rows, at_columns = (
            slice(i, i + down * rows, down),
            slice(j, j + across * columns, across),
        )
        dx[:, at_rows, at_columns] += dwindows[:, :, :, i, j]
