"""Convolution with kernels of 3 x 3 by a quarter of the multiplications: Winograd's method.

Lavin and Gray 2016, "Fast algorithms for convolutional neural networks". In one dimension: m
outputs y of a kernel g of three numbers that slides along n = m + 2 inputs d, a *tile*, are

    y = Pm.T ((P3 g) * (Pn^-T d))

where * multiplies number by number, n times instead of 3 m, and row k of P3, Pm and Pn holds the
powers 1, p, p^2, ... of a point p. For P3 g are the values of the polynomial with coefficients g;
multiplying two polynomials is multiplying their values, and the inverse of Pn finds the
coefficients of a product from its n values. (Sliding is multiplying the other way round, which is
why the matrices stand transposed.)

A picture takes the same in both directions: tiles of 8 x 5 pixels, which overlap by two, give
6 x 3 outputs for 40 products instead of 162. Over channels the products are added up, so they are
40 matrix products, (tiles, C) @ (C, F). Everything before and after them is linear: one
matrix turns a whole line of pixels into the values of its tiles, the zeros of a padding left out,
and another turns those into a line of outputs. The gradients are the same steps transposed.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from model.nn.base import Array, Shape, Sides, pair
from model.nn.fast.matmul import by_columns, by_rows
from model.nn.fast.workspace import empty, scratch

KERNEL_SIZE = 3
_OUTPUTS = (6, 3)  # rows and columns of outputs that a tile gives; 6 x 6 would round too much
_TILE = (_OUTPUTS[0] + KERNEL_SIZE - 1, _OUTPUTS[1] + KERNEL_SIZE - 1)
# Of the points tried, those that round least; one more, the last, is infinity.
_POINTS = {6: (0, 0.5, -0.5, 1, -1, 2, -2), 3: (0.5, -0.5, 1.25, -1.25)}
LEAST_CHANNELS = 8
"""Below them a product of the windows is faster."""
_LEAST_TILES = 16  # likewise


class Cache(NamedTuple):
    """What `backward` needs of a forward pass.

    ``tiles`` (values of all tiles of a column, of a row, N, C) are the left factors of the
    products; the right ones are made of the weights.
    """

    tiles: Array
    x_shape: Shape


class _Direction(NamedTuple):
    """The matrices for the lines of a picture in one direction.

    The values of a line's tiles are in the order of the points, and for each of the tiles.
    """

    of_pixels: Array  # (values, pixels of a line)
    to_outputs: Array  # (outputs of a line, values)


def powers(outputs: int, degree: int) -> Array:
    """Return the powers below ``degree`` of the points, (outputs + 2, degree)."""
    at_infinity = [0] * (degree - 1) + [1]  # only the highest power is left
    return np.vstack([np.vander(_POINTS[outputs], degree, increasing=True), at_infinity])


@cache
def _of_weights(dtype: np.dtype[Any]) -> Array:
    """Return P3 for both directions at once, (40, 9)."""
    down, across = (powers(outputs, KERNEL_SIZE) for outputs in _OUTPUTS)
    return np.kron(down, across).astype(dtype)


@cache
def direction(outputs: int, side: int, padding: int, dtype: np.dtype[Any]) -> _Direction:
    """Return the matrices for lines of ``side`` pixels, in tiles that give so many outputs."""
    tile = outputs + KERNEL_SIZE - 1
    tiles = (side + 2 * padding - KERNEL_SIZE + 1) // outputs
    of_pixels = np.zeros((tile, tiles, side + 2 * padding))
    to_outputs = np.zeros((tiles, outputs, tile, tiles))
    for index in range(tiles):
        start = index * outputs
        of_pixels[:, index, start : start + tile] = np.linalg.inv(powers(outputs, tile)).T
        to_outputs[index, :, :, index] = powers(outputs, outputs).T
    of_pixels = of_pixels[:, :, padding : padding + side]
    return _Direction(
        of_pixels.reshape(-1, side).astype(dtype),
        to_outputs.reshape(tiles * outputs, -1).astype(dtype),
    )


def _directions(shape: Shape, padding: Sides, dtype: np.dtype[Any]) -> list[_Direction]:
    """Return the matrices down and across pictures of shape (N, H, W, C)."""
    return [
        direction(outputs, side, margin, dtype)
        for outputs, side, margin in zip(_OUTPUTS, shape[1:3], pair(padding), strict=True)
    ]


def fits(kernel_size: Sides, stride: Sides, shape: Shape, channels: int) -> bool:
    """Say whether a convolution that gives y of ``shape`` (..., H', W', F) is of whole tiles."""
    *_, rows, columns, filters = shape
    return (
        (kernel_size, stride) == (KERNEL_SIZE, 1)
        and rows % _OUTPUTS[0] == columns % _OUTPUTS[1] == 0
        and min(channels, filters) >= LEAST_CHANNELS
    )


def pays(kernel_size: Sides, stride: Sides, shape: Shape, channels: int) -> bool:
    """Say whether a convolution that gives y of ``shape`` (N, H', W', F) has enough tiles, too.

    With few, to transform the weights takes longer than is saved.
    """
    n, rows, columns, _ = shape
    tiles = n * rows * columns // (_OUTPUTS[0] * _OUTPUTS[1])
    return fits(kernel_size, stride, shape, channels) and tiles >= _LEAST_TILES


def transformed(weights: Array) -> Array:
    """Return the right factors of the products, (8, 1, 5, A, B), of weights (3, 3, A, B)."""
    values = empty((_TILE[0], 1, _TILE[1], *weights.shape[2:]), weights.dtype)
    _map(_of_weights(weights.dtype), weights, values)
    return values


def forward(
    x: Array, weights: Array, factors: Array | None, shape: Shape, padding: Sides
) -> tuple[Array, Cache]:
    """Return (y, cache): x (N, H, W, C) convolved with weights (3, 3, C, F), without a bias.

    ``factors`` are the `transformed` weights, if they are known. ``shape`` is that of y, which
    must be made of whole tiles.
    """
    y = empty(shape, x.dtype)
    tiles = empty(_shape_of_tiles(x.shape, padding), x.dtype)
    down, across = _directions(x.shape, padding, x.dtype)
    _to_values(down.of_pixels, across.of_pixels, x, tiles)
    with scratch():
        outputs = empty((*tiles.shape[:3], y.shape[3]), x.dtype)
        with scratch():
            if factors is None:
                factors = transformed(weights)
            np.matmul(*by_rows(_factors(tiles), factors, _factors(outputs)))
        _from_values(down.to_outputs, across.to_outputs, outputs, y)
    return y, Cache(tiles, x.shape)


def backward(
    dy: Array, cache: Cache, weights: Array, padding: Sides, *, input_gradient: bool
) -> tuple[Array | None, Array]:
    """Return (dx, dweights) of `forward`; dx is None unless asked for."""
    tiles, x_shape = cache
    down, across = _directions(x_shape, padding, dy.dtype)
    dweights = empty(weights.shape, dy.dtype)
    dx = empty(x_shape, dy.dtype) if input_gradient else None
    with scratch():
        doutputs = empty((*tiles.shape[:3], dy.shape[3]), dy.dtype)
        _to_values(down.to_outputs.T, across.to_outputs.T, dy, doutputs)
        right = _factors(doutputs)
        with scratch():
            dfactors = empty((*right.shape[:3], *weights.shape[2:]), dy.dtype)
            np.matmul(*by_rows(_factors(tiles).swapaxes(-1, -2), right, dfactors))
            for row in range(1, dfactors.shape[1]):
                dfactors[:, 0] += dfactors[:, row]
            _map(_of_weights(dy.dtype).T, dfactors[:, 0], dweights)
        if dx is None:
            return None, dweights
        dtiles = empty(tiles.shape, dy.dtype)
        with scratch():
            # Of weights with C and F exchanged: BLAS is slow where the right factor is transposed.
            exchanged = empty((KERNEL_SIZE, KERNEL_SIZE, *weights.shape[:1:-1]), dy.dtype)
            exchanged[...] = weights.swapaxes(2, 3)
            np.matmul(*by_rows(right, transformed(exchanged), _factors(dtiles)))
        _from_values(down.of_pixels.T, across.of_pixels.T, dtiles, dx)
    return dx, dweights


def _to_values(down: Array, across: Array, x: Array, values: Array) -> None:
    """Write down @ picture @ across.T of each channel to ``values``.

    Shapes: down (R, H), across (S, W), x (N, H, W, C), values (R, S, N, C).
    """
    n, height, width, channels = x.shape
    with scratch():
        half = empty((n, len(down), width, channels), x.dtype)
        np.matmul(down, x.reshape(n, height, -1), out=half.reshape(n, len(down), -1))
        np.matmul(across, half, out=values.transpose(2, 0, 1, 3))


def _from_values(down: Array, across: Array, values: Array, y: Array) -> None:
    """Write down @ values @ across.T of each channel to y.

    Shapes: down (H, R), across (W, S), values (R, S, N, C), y (N, H, W, C).
    """
    n, height, width, channels = y.shape
    with scratch():
        half = empty((n, len(values), width, channels), y.dtype)
        np.matmul(across, values.transpose(2, 0, 1, 3), out=half)
        np.matmul(down, half.reshape(n, len(values), -1), out=y.reshape(n, height, -1))


def _shape_of_tiles(x_shape: Shape, padding: Sides) -> Shape:
    """Return (values of all tiles of a column, of a row, N, C) for x (N, H, W, C)."""
    down, across = _directions(x_shape, padding, np.dtype(np.float32))
    return len(down.of_pixels), len(across.of_pixels), x_shape[0], x_shape[3]


def _factors(values: Array) -> Array:
    """Return values (R, S, N, C) as (8, rows of tiles, 5, columns of tiles * N, C), a view."""
    down, across = _TILE
    return values.reshape(down, len(values) // down, across, -1, values.shape[-1])


def _map(matrix: Array, x: Array, y: Array) -> None:
    """Write matrix @ x to y, both as rows of whatever belongs to one weight of a kernel."""
    rows, columns = matrix.shape
    np.matmul(*by_columns(matrix, x.reshape(columns, -1), y.reshape(rows, -1)))
