"""Convolution, pooling, ReLU and dense, faster: for each layer the way that suits it best."""

from functools import cached_property, partial
from typing import Any

import numpy as np

from model.nn.base import Array, Shape, Sides, expect_shape, pair
from model.nn.fast import windows, winograd, winograd_1d
from model.nn.fast.channels import add_to_channels, along_lines, channel_sums, in_lines
from model.nn.fast.implementation import Implementation, L, Step
from model.nn.fast.matmul import by_columns, by_rows
from model.nn.fast.workspace import empty, own_memory, scratch
from model.nn.layers import Conv2D, Dense, MaxPool2D, ReLU

_FEW_UNITS = 16  # of a dense layer: its products are too thin for what speeds up others


class _AlikeInPrediction(Implementation[L]):
    """Of a layer that computes in prediction what it computes in training."""

    def predict(self, x: Array) -> Array:
        return self.forward(x)[0]


class FastConv2D(_AlikeInPrediction[Conv2D]):
    """Convolution by `winograd` where its tiles fit and are many, else by `windows`.

    One planned frame goes by `winograd_1d` where that pays, else by `windows`.
    """

    _is_fixed = False

    def fix(self) -> None:
        self._is_fixed = True

    @cached_property
    def _tile_factors(self) -> Array:
        with own_memory():
            return winograd.transformed(self.layer.parameters["weights"])

    @cached_property
    def _line_factors(self) -> Array:
        return winograd_1d.transformed(self.layer.parameters["weights"])

    def _by_tiles(self, shape: Shape, channels: int) -> bool:
        layer = self.layer
        # Where the weights are transformed already, few tiles pay, too.
        worth_it = winograd.fits if self._is_fixed else winograd.pays
        return worth_it(layer.kernel_size, layer.stride, shape, channels)

    def forward(self, x: Array) -> tuple[Array, Any]:
        layer, weights = self.layer, self.layer.parameters["weights"]
        expect_shape("a convolution's input", x, (*x.shape[:3], weights.shape[2]))
        shape = (len(x), *layer.output_shape(x.shape[1:]))
        cache: Any
        if self._by_tiles(shape, x.shape[3]):
            factors = self._tile_factors if self._is_fixed else None
            y, cache = winograd.forward(x, weights, factors, shape, layer.padding)
        else:
            y, cache = windows.forward(x, weights, shape, layer.stride, layer.padding), x
        if layer.bias:
            add_to_channels(y, layer.parameters["bias"])
        return y, cache

    def backward(
        self, dy: Array, cache: Any, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        layer, weights = self.layer, self.layer.parameters["weights"]
        by_tiles = isinstance(cache, winograd.Cache)
        n, *x_shape = cache.x_shape if by_tiles else cache.shape
        expect_shape("a convolution's dy", dy, (n, *layer.output_shape(tuple(x_shape))))
        if by_tiles:
            dx, dweights = winograd.backward(
                dy, cache, weights, layer.padding, input_gradient=input_gradient
            )
        else:
            dx, dweights = windows.backward(
                dy, cache, weights, layer.stride, layer.padding, input_gradient=input_gradient
            )
        grads = {"weights": dweights}
        if layer.bias:
            grads["bias"] = channel_sums(dy)
        return dx, grads

    def plan(self, x: Array) -> tuple[Array, list[Step]]:
        layer, weights = self.layer, self.layer.parameters["weights"]
        shape = (1, *layer.output_shape(x.shape[1:]))
        if winograd_1d.pays(layer.kernel_size, layer.stride, shape, x.shape[3]):
            y, steps = winograd_1d.plan(x, self._line_factors, shape, layer.padding)
        else:
            y, steps = windows.plan(x, weights, shape, layer.stride, layer.padding)
        return y, [*steps, *_planned_bias(layer, y)]


class FastMaxPool2D(_AlikeInPrediction[MaxPool2D]):
    """Pooling by the maximum of whole lines: of each block's columns, then of its rows."""

    def forward(self, x: Array) -> tuple[Array, tuple[Array, Array]]:
        y = empty((len(x), *self.layer.output_shape(x.shape[1:])), x.dtype)
        with scratch():
            for step in _maxima(x, y, self.layer.size):
                step()
        return y, (x, y)

    def backward(
        self, dy: Array, cache: tuple[Array, Array], *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        size, (x, y) = self.layer.size, cache
        expect_shape("a pool's dy", dy, y.shape)
        if not input_gradient:
            return None, {}
        dx = empty(x.shape, dy.dtype)
        down, across = pair(size)
        dx[:, y.shape[1] * down :] = 0
        dx[:, :, y.shape[2] * across :] = 0
        blocks, dblocks = _blocks(x, y.shape, size), _blocks(dx, y.shape, size)
        with scratch():
            is_maximum = empty(blocks.shape, np.bool_)
            np.equal(blocks, _widened(y, size), out=is_maximum)
            np.multiply(is_maximum, _widened(dy, size), out=dblocks)
        return dx, {}

    def plan(self, x: Array) -> tuple[Array, list[Step]]:
        y = empty((1, *self.layer.output_shape(x.shape[1:])), x.dtype)
        return y, _maxima(x, y, self.layer.size)


def _maxima(x: Array, y: Array, size: Sides) -> list[Step]:
    """Return the steps that write the maximum of each block of x (N, H, W, C) to y."""
    n, rows, columns, channels = y.shape
    down, across = pair(size)
    x = x[:, : rows * down, : columns * across]
    tallest = empty((n, rows, columns * across, channels), x.dtype)
    steps: list[Step] = []
    for target, parts in (
        (tallest, [x[:, i::down] for i in range(down)]),
        (y, [tallest[:, :, i::across] for i in range(across)]),
    ):
        steps.append(partial(np.maximum, parts[0], parts[-1], out=target))
        steps += [partial(np.maximum, target, part, out=target) for part in parts[1:-1]]
    return steps


def _blocks(x: Array, shape: Shape, size: Sides) -> Array:
    """Return the view (N, H', size, W', size, C) of the part of x that fills blocks."""
    n, rows, columns, channels = shape
    down, across = pair(size)
    by_image, by_row, by_column, by_channel = x.strides
    return np.lib.stride_tricks.as_strided(
        x,
        (n, rows, down, columns, across, channels),
        (by_image, by_row * down, by_row, by_column * across, by_column, by_channel),
    )


def _widened(y: Array, size: Sides) -> Array:
    """Return (N, H', 1, W', size, C): each pixel of y as often as its block is wide.

    So a line of blocks is one run of memory, which NumPy goes along in one loop.
    """
    n, rows, columns, channels = y.shape
    wide = empty((n, rows, 1, columns, pair(size)[1], channels), y.dtype)
    wide[...] = y[:, :, np.newaxis, :, np.newaxis]
    return wide


class FastReLU(_AlikeInPrediction[ReLU]):
    """ReLU against a picture of zeros: with a single zero NumPy takes twice as long."""

    def forward(self, x: Array) -> tuple[Array, Array]:
        y = empty(x.shape, x.dtype)
        np.maximum(x, np.zeros(x.shape[1:], x.dtype), out=y)
        return y, y

    def backward(
        self, dy: Array, cache: Array, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        y = cache
        expect_shape("a ReLU's dy", dy, y.shape)
        if not input_gradient:
            return None, {}
        dx = empty(dy.shape, dy.dtype)
        with scratch():
            is_positive = empty(y.shape, np.bool_)
            np.greater(y, 0, out=is_positive)
            np.multiply(dy, is_positive, out=dx)
        return dx, {}

    def plan(self, x: Array) -> tuple[Array, list[Step]]:
        lines = in_lines(x)
        zeros = np.zeros(lines.shape[1], x.dtype)
        return x, [partial(np.maximum, lines, zeros, out=lines)]


class FastDense(_AlikeInPrediction[Dense]):
    """The dense layer's products in pieces, the large factor never transposed."""

    def forward(self, x: Array) -> tuple[Array, Array]:
        weights = self.layer.parameters["weights"]
        rows = x.reshape(len(x), -1)
        expect_shape("a dense layer's flattened input", rows, (len(x), len(weights)))
        y = empty((len(x), self.layer.units), x.dtype)
        np.matmul(*by_columns(rows, weights, y))
        y += self.layer.parameters["bias"]
        return y, x

    def backward(
        self, dy: Array, cache: Array, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        x, weights = cache, self.layer.parameters["weights"]
        expect_shape("a dense layer's dy", dy, (len(x), self.layer.units))
        dweights = empty(weights.shape, dy.dtype)
        np.matmul(*by_rows(x.reshape(len(x), -1).T, dy, dweights))
        grads = {"weights": dweights, "bias": dy.sum(axis=0)}
        if not input_gradient:
            return None, grads
        dx = empty(x.shape, dy.dtype)
        if self.layer.units <= _FEW_UNITS:
            np.matmul(dy, weights.T, out=dx.reshape(len(x), -1))
            return dx, grads
        with scratch():
            # weights @ dy.T, because BLAS is slow where a large right factor is transposed.
            columns = empty((len(weights), len(dy)), dy.dtype)
            np.matmul(*by_rows(weights, np.ascontiguousarray(dy.T), columns))
            dx.reshape(len(x), -1)[...] = columns.T
        return dx, grads

    def plan(self, x: Array) -> tuple[Array, list[Step]]:
        weights = self.layer.parameters["weights"]
        # Two rows, the second zeros: BLAS takes longer for a vector than for a matrix.
        with own_memory():
            rows = empty((2, x.size), x.dtype)
        rows[1] = 0
        y = empty((2, self.layer.units), x.dtype)
        multiply = partial(np.matmul, *by_rows(rows, weights, y))
        copy = partial(np.copyto, rows[:1], x.reshape(1, -1))
        return y[:1], [copy, multiply, *_planned_bias(self.layer, y)]


def _planned_bias(layer: Conv2D | Dense, y: Array) -> list[Step]:
    """Return the step that adds the bias to y."""
    if "bias" not in layer.parameters:
        return []
    lines = in_lines(y)
    return [partial(np.add, lines, along_lines(layer.parameters["bias"], y), out=lines)]
