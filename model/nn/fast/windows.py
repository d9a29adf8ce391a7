"""A convolution by one matrix product of its windows ("im2col"), as `Conv2D` defines it.

What is faster here: the windows are cut out by strides alone and copied in runs as long as there
are, and the products are in pieces. Shapes: x (N, H, W, C), weights (K, K, C, F),
y (N, H', W', F), windows (N, H', W', K, K, C).
"""

from functools import partial

import numpy as np

from model.nn.base import Array, Shape
from model.nn.fast.implementation import Step
from model.nn.fast.matmul import by_rows
from model.nn.fast.workspace import empty, scratch


def forward(x: Array, weights: Array, shape: Shape, stride: int, padding: int) -> Array:
    """Return y of this ``shape``, without a bias."""
    n, _, _, filters = shape
    y = empty(shape, x.dtype)
    with scratch():
        rows = _rows(x, len(weights), stride, padding)
        np.matmul(*by_rows(rows, weights.reshape(-1, filters), y.reshape(n, -1, filters)))
    return y


def backward(
    dy: Array, x: Array, weights: Array, stride: int, padding: int, *, input_gradient: bool
) -> tuple[Array | None, Array]:
    """Return (dx, dweights) of `forward`; dx is None unless asked for."""
    size, _, _, filters = weights.shape
    with scratch():
        # Copying the windows again is cheaper than keeping K * K copies of every activation.
        rows = _rows(x, size, stride, padding)
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
    x: Array, weights: Array, shape: Shape, stride: int, padding: int
) -> tuple[Array, list[Step]]:
    """Return y (1, H', W', F), and the steps that write to it what `forward` gives for x."""
    steps: list[Step] = []
    if padding:
        x, unpadded = _padded(x, padding), x
        inside = x[:, padding:-padding, padding:-padding]
        steps.append(partial(np.copyto, inside, unpadded))
    views = _windows(x, len(weights), stride)
    copies, rows = _memory_for(views)
    y = empty(shape, x.dtype)
    factors = by_rows(rows, weights.reshape(-1, shape[3]), y.reshape(1, -1, shape[3]))
    return y, [*steps, partial(np.copyto, copies, views), partial(np.matmul, *factors)]


def _rows(x: Array, size: int, stride: int, padding: int) -> Array:
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


def _padded(x: Array, margin: int) -> Array:
    """Return x with ``margin`` rows and columns of zeros on every side: (N, H+2m, W+2m, C)."""
    if margin == 0:
        return np.ascontiguousarray(x)
    whole, inside = _with_margin(x.shape, margin, x.dtype)
    whole[:, :margin] = 0
    whole[:, -margin:] = 0
    whole[:, margin:-margin, :margin] = 0
    whole[:, margin:-margin, -margin:] = 0
    inside[...] = x
    return whole


def _with_margin(shape: Shape, margin: int, dtype: np.dtype) -> tuple[Array, Array]:
    """Return uninitialised (N, H+2m, W+2m, C) and, of that, the view (N, H, W, C) inside."""
    n, height, width, channels = shape
    whole = empty((n, height + 2 * margin, width + 2 * margin, channels), dtype)
    return whole, whole[:, margin : margin + height, margin : margin + width]


def _windows(x: Array, size: int, stride: int) -> Array:
    """Return the view (N, H', W', K, K, C) of each window of a contiguous x, already padded.

    A row of a window is K * C numbers that lie side by side in x, so copying the view copies
    rows, not pixels.
    """
    n, height, width, channels = x.shape
    by_image, by_row, by_column, by_channel = x.strides
    rows, columns = (height - size) // stride + 1, (width - size) // stride + 1
    # As np.lib.stride_tricks.as_strided, in a tenth of its time.
    return np.ndarray(
        (n, rows, columns, size, size, channels),
        x.dtype,
        x,
        strides=(by_image, stride * by_row, stride * by_column, by_row, by_column, by_channel),
    )


def _add_up(dwindows: Array, dx: Array, stride: int) -> None:
    """Write to dx (N, H, W, C), margin included, each pixel's gradients in all its windows."""
    _, rows, columns, size, *_ = dwindows.shape
    dx[...] = 0
    for i, j in np.ndindex(size, size):
        # The pixels that stood at (i, j) of their windows.
        down = slice(i, i + stride * rows, stride)
        across = slice(j, j + stride * columns, stride)
        dx[:, down, across] += dwindows[:, :, :, i, j]
