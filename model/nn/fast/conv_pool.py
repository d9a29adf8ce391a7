"""A convolution of pictures of one channel and the pool behind it, computed together.

With one channel there is little to multiply, and a step waits for memory: nine copies of the
picture for the windows, and an output that the pool goes through again and again. But a pool of
2 x 2 wants only the largest of four windows of 3 x 3, and the four lie in one of 4 x 4 pixels. So
the windows of 4 x 4 are copied, two pixels apart. Their upper three rows, and their lower three,
are multiplied by each filter at the left and at the right of 3 x 4, zeros beside it. What the pool
compares are then four blocks of rows of the products. The zeros add nothing, so that windows which
were equal stay equal: ties as `MaxPool2D` has them. (BLAS may add up in another order where a
product ends amid its vectors; so blocks that are all zeros are put behind the last. OpenBLAS's
kernels for AVX-512 then add up alike everywhere; those for Haswell and Zen do not, and with them
some ties are lost to rounding, here as in `Conv2D` itself.)

The images stand innermost in memory: what is copied are then runs of as many numbers as there are
images, and the dense layer behind the pool takes the result as it lies.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.nn.base import Layer, Shape
from model.nn.fast.matmul import piece_of
from model.nn.fast.workspace import empty, scratch
from model.nn.layers import Conv2D, Dense, MaxPool2D

Array = NDArray[Any]

_VECTOR = 16  # numbers: the widest vector register holds so many in float32
_HALVES = [slice(0, 12), slice(4, 16)]  # of a window of 4 x 4: its upper and its lower three rows


class Cache(NamedTuple):
    """What `backward` needs of a forward pass; M is the number of blocks, at least N H' W'.

    windows: (16, M). outputs: (2, 2, F, M), by place; largest: (F, M), of the four.
    """

    windows: Array
    outputs: Array
    largest: Array
    weights: Array
    x_shape: tuple[int, ...]


def fits(layers: Sequence[Layer], input_shape: Shape) -> bool:
    """Say whether a network begins with a convolution and a pool that can go together."""
    if len(layers) < 2 or len(input_shape) != 3:
        return False
    convolution, pool = layers[:2]
    height, width, channels = input_shape
    return (
        all(isinstance(layer, Dense) for layer in layers[2:3])
        and isinstance(convolution, Conv2D)
        and isinstance(pool, MaxPool2D)
        and (convolution.kernel, convolution.stride, convolution.padding) == (3, 1, 0)
        and not convolution.bias
        and pool.size == 2
        and channels == 1
        and convolution.filters % 8 == 0
        and height % 2 == width % 2 == 0
    )


def forward(x: Array, weights: Array) -> tuple[Array, Cache]:
    """Convolve x (N, H, W, 1) with weights (3, 3, 1, F) and pool: y (N, H/2 - 1, W/2 - 1, F)."""
    filters = weights.shape[3]
    placed = _placed(weights)
    windows = _windows(x)
    outputs = empty((2, 2, filters, windows.shape[1]), x.dtype)
    for rows, output in zip(_HALVES, outputs, strict=True):
        np.matmul(placed, _pieces(windows[rows], filters), out=_pieces(output, filters))
    largest = empty(outputs.shape[2:], x.dtype)
    np.maximum(outputs[0, 0], outputs[0, 1], out=largest)
    for output in outputs[1]:
        np.maximum(largest, output, out=largest)
    y = _by_image(largest, x.shape)
    return y, Cache(windows, outputs, largest, weights, x.shape)


def backward(dy: Array, cache: Cache, *, input_gradient: bool) -> tuple[Array | None, Array]:
    """Return (dx, dweights) of `forward`; dx is None unless asked for."""
    windows, outputs, largest, weights, x_shape = cache
    filters = len(largest)
    with scratch():
        dlargest = dy.transpose(3, 1, 2, 0)
        if dlargest.size == largest.size and dlargest.flags.c_contiguous:
            dlargest = dlargest.reshape(largest.shape)
        else:
            dlargest = empty(largest.shape, dy.dtype)
            dlargest[:, dy.size // filters :] = 0
            _by_image(dlargest, x_shape)[...] = dy
        doutputs = empty(outputs.shape, dy.dtype)
        np.equal(outputs, largest, out=doutputs, casting="unsafe")  # 1 or 0
        doutputs *= dlargest
        dweights = np.zeros_like(weights)
        for rows, doutput in zip(_HALVES, doutputs, strict=True):
            pieces = _pieces(doutput, filters) @ _pieces(windows[rows], filters).transpose(0, 2, 1)
            dplaced = pieces.sum(axis=0).reshape(2, filters, 3, 4)
            for j in range(2):
                dweights[:, :, 0] += dplaced[j, :, :, j : j + 3].transpose(1, 2, 0)
        if not input_gradient:
            return None, dweights
        dwindows = np.zeros_like(windows)
        for rows, doutput in zip(_HALVES, doutputs, strict=True):
            dwindows[rows] += _placed(weights).T @ doutput.reshape(-1, windows.shape[1])
        return _added_up(dwindows, x_shape), dweights


def _by_image(values: Array, x_shape: tuple[int, ...]) -> Array:
    """Return values (F, M) as a view (N, H', W', F)."""
    n, height, width, _ = x_shape
    rows, columns = height // 2 - 1, width // 2 - 1
    kept = values[:, : rows * columns * n]
    return kept.reshape(-1, rows, columns, n).transpose(3, 1, 2, 0)


def _placed(weights: Array) -> Array:
    """Return each filter at the left and at the right of 3 x 4, zeros beside it: (2 F, 12)."""
    placed = np.zeros((2, weights.shape[3], 3, 4), weights.dtype)
    for j in range(2):
        placed[j, :, :, j : j + 3] = weights[:, :, 0].transpose(2, 0, 1)
    return placed.reshape(-1, 12)


def _windows(x: Array) -> Array:
    """Return the windows of 4 x 4 pixels, two pixels apart, of x (N, H, W, 1): (16, M)."""
    n, height, width, _ = x.shape
    rows, columns = height // 2 - 1, width // 2 - 1
    count = rows * columns * n
    windows = empty((16, count + -count % _VECTOR), x.dtype)
    with scratch():
        pixels = empty((height, width, n), x.dtype)
        pixels.reshape(-1, n)[...] = x.reshape(n, -1).T
        by_row, by_column, by_image = pixels.strides
        strides = by_row, by_column, 2 * by_row, 2 * by_column, by_image
        views: Array = np.ndarray((4, 4, rows, columns, n), x.dtype, pixels, strides=strides)
        windows[:, :count].reshape(views.shape)[...] = views
    windows[:, count:] = 0
    return windows


def _added_up(windows: Array, shape: tuple[int, ...]) -> Array:
    """Add up windows where they overlap: `_windows` the other way round, for x of ``shape``."""
    n, height, width, _ = shape
    rows, columns = height // 2 - 1, width // 2 - 1
    views = windows[:, : rows * columns * n].reshape(4, 4, rows, columns, n)
    x = np.zeros((height, width, n), windows.dtype)
    for i, j in np.ndindex(4, 4):
        x[i : i + 2 * rows : 2, j : j + 2 * columns : 2] += views[i, j]
    return np.ascontiguousarray(x.transpose(2, 0, 1)).reshape(shape)


def _pieces(values: Array, filters: int) -> Array:
    """Return values (..., M) as a view (pieces, K, columns); see `model.nn.fast.matmul` for why."""
    rows = values.reshape(-1, values.shape[-1])
    vectors = rows.shape[1] // _VECTOR
    columns = _VECTOR * piece_of(vectors, _VECTOR * 12 * 2 * filters)
    return rows.reshape(len(rows), -1, columns).transpose(1, 0, 2)
