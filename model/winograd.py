"""Convolution with kernels of 3 x 3 by a third of the multiplications: Winograd's method.

Lavin and Gray 2016, "Fast algorithms for convolutional neural networks". In one dimension: three
outputs y of a kernel g that slides along five inputs d are

    y = P3.T ((P3 g) * (P5^-T d))

where * multiplies number by number, five times instead of nine, and row k of P3 and P5 holds the
powers 1, p, p^2, ... of a point p. For P3 g are the values of the polynomial with coefficients g;
multiplying two polynomials is multiplying their values, and the inverse of P5 finds the
coefficients of a product of five from its five values. (Sliding is multiplying the other way
round, which is why the matrices stand transposed.)

A picture takes the same in both directions: tiles of 5 x 5 pixels, which overlap by two, give
3 x 3 outputs for 25 products instead of 81. Over channels the products are added up, so they
are 25 products of matrices, (tiles, C) by (C, F). Everything before and after them is linear, a
matrix product too, and the gradients are the same steps transposed.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from model.products import by_columns, by_rows
from model.windows import add_up, padded, windows, with_margin
from model.workspace import empty, scratch

Array = NDArray[Any]

KERNEL = 3
OUTPUT = 3  # rows and columns of outputs that a tile gives
_TILE = OUTPUT + KERNEL - 1
_POINTS = (0.5, -0.5, 1.25, -1.25)  # of those tried, what rounds least; the fifth is infinity
_LEAST_TILES, _LEAST_CHANNELS = 64, 8  # below these the 25 products are too small to be fast


class Cache(NamedTuple):
    """What `backward` needs of a forward pass.

    ``tiles`` (25, tiles, C) and ``kernels`` (25, C, F) are the factors of the 25 products.
    """

    tiles: Array
    kernels: Array
    x_shape: tuple[int, ...]


@cache
def _matrices(dtype: DTypeLike) -> tuple[Array, Array]:
    """Return P3 and P5^-T, each for both directions at once: (25, 9) and (25, 25)."""

    def powers(count: int) -> Array:
        at_infinity = [0] * (count - 1) + [1]  # only the highest power is left
        return np.vstack([np.vander(_POINTS, count, increasing=True), at_infinity])

    three, five = powers(3), np.linalg.inv(powers(5)).T
    return np.kron(three, three).astype(dtype), np.kron(five, five).astype(dtype)


def pays(kernel: int, stride: int, y_shape: tuple[int, ...], channels: int) -> bool:
    """Say whether a convolution that gives y (N, H', W', F) is made of whole tiles, and enough."""
    n, rows, columns, filters = y_shape
    return (
        (kernel, stride) == (KERNEL, 1)
        and rows % OUTPUT == columns % OUTPUT == 0
        and n * rows * columns >= _LEAST_TILES * OUTPUT**2
        and min(channels, filters) >= _LEAST_CHANNELS
    )


def _map(matrix: Array, x: Array, y: Array) -> None:
    """Write matrix @ x to y, both as rows of whatever belongs to one number of a tile."""
    rows, columns = matrix.shape
    np.matmul(*by_columns(matrix, x.reshape(columns, -1), y.reshape(rows, -1)))


def forward(x: Array, weights: Array, padding: int) -> tuple[Array, Cache]:
    """Convolve x (N, H, W, C) with weights (3, 3, C, F); the sides of y must be multiples of 3."""
    of_kernel, of_tile = _matrices(x.dtype)
    n, height, width, channels = x.shape
    rows, columns = ((side + 2 * padding - KERNEL + 1) // OUTPUT for side in (height, width))
    filters = weights.shape[3]
    y = empty((n, rows, OUTPUT, columns, OUTPUT, filters), x.dtype)
    tiles = empty((_TILE**2, n * rows * columns, channels), x.dtype)
    kernels = empty((_TILE**2, channels, filters), x.dtype)
    _map(of_kernel, weights, kernels)
    with scratch():
        pixels = empty((_TILE, _TILE, n, rows, columns, channels), x.dtype)
        pixels[...] = windows(padded(x, padding), _TILE, OUTPUT).transpose(3, 4, 0, 1, 2, 5)
        _map(of_tile, pixels, tiles)
    with scratch():
        products = empty((_TILE**2, n * rows * columns, filters), x.dtype)
        np.matmul(*by_rows(tiles, kernels, products))
        outputs = empty((OUTPUT, OUTPUT, n, rows, columns, filters), x.dtype)
        _map(of_kernel.T, products, outputs)
        y[...] = outputs.transpose(2, 3, 0, 4, 1, 5)
    y = y.reshape(n, rows * OUTPUT, columns * OUTPUT, filters)
    return y, Cache(tiles, kernels, x.shape)


def backward(
    dy: Array, cache: Cache, padding: int, *, input_gradient: bool
) -> tuple[Array | None, Array]:
    """Return (dx, dweights) of `forward`; dx is None unless asked for."""
    of_kernel, of_tile = _matrices(dy.dtype)
    tiles, kernels, x_shape = cache
    n, height, width, filters = dy.shape
    channels = tiles.shape[2]
    rows, columns = height // OUTPUT, width // OUTPUT
    whole, dx = with_margin(x_shape, padding, dy.dtype)
    with scratch():
        products = empty((_TILE**2, n * rows * columns, filters), dy.dtype)
        with scratch():
            outputs = empty((OUTPUT, OUTPUT, n, rows, columns, filters), dy.dtype)
            of_tiles = dy.reshape(n, rows, OUTPUT, columns, OUTPUT, filters)
            outputs[...] = of_tiles.transpose(2, 4, 0, 1, 3, 5)
            _map(of_kernel, outputs, products)
        dkernels = empty(kernels.shape, dy.dtype)
        np.matmul(tiles.transpose(0, 2, 1), products, out=dkernels)
        dweights = of_kernel.T @ dkernels.reshape(_TILE**2, -1)
        dweights = dweights.reshape(KERNEL, KERNEL, channels, filters)
        if not input_gradient:
            return None, dweights
        dtiles = empty(tiles.shape, dy.dtype)
        np.matmul(products, kernels.transpose(0, 2, 1), out=dtiles)
        pixels = empty((_TILE, _TILE, n, rows, columns, channels), dy.dtype)
        _map(of_tile.T, dtiles, pixels)
        add_up(pixels.transpose(2, 3, 4, 0, 1, 5), whole, OUTPUT)
    return dx, dweights
