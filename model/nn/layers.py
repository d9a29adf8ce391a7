"""The layers: convolution, pooling, ReLU and dense here, batch normalisation from its own module;
batched, and without a Python loop over images or pixels.

Shapes and the contract of a layer are in the package's docstring. `workspace.empty` gives the
memory of every large result, so that a training step allocates nothing.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from model.nn.base import (
    Array,
    Layer,
    Shape,
    Sides,
    along_lines,
    column_sums,
    expect_shape,
    in_lines,
    pair,
    pair_or_side,
)
from model.nn.fast import winograd
from model.nn.fast.matmul import by_columns, by_rows
from model.nn.fast.windows import add_up, padded, windows, with_margin
from model.nn.fast.workspace import empty, scratch
from model.nn.normalization import BatchNorm, moments

__all__ = [
    "LAYERS",
    "Array",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Layer",
    "MaxPool2D",
    "ReLU",
    "Shape",
    "moments",
]


_FEW_UNITS = 16  # of a dense layer: its products are too thin for what speeds up others


@dataclass
class Conv2D(Layer):
    """Convolution (cross-correlation, as all frameworks have it) with F kernels of K x K.

    ``kernel``, ``stride`` and ``padding`` are a number for both directions, or a pair (rows,
    columns).

    (N, H, W, C) -> (N, H', W', F) with H' = (H + 2 padding - K) // stride + 1, W' likewise.
    Weights (K, K, C, F), drawn from a normal distribution of variance 2 / (K K C) (He et al.
    2015, "Delving deep into rectifiers"); bias (F,), zero.

    Every window of the input is copied into a row of a matrix ("im2col"), after which the
    convolution is one matrix product; so is each of its gradients. Where its shape allows, a
    large batch goes by `winograd`, which needs fewer multiplications for the same result.

    Raises:
        ValueError: for an even kernel, or a padding that lets a window see no pixel of the input.
    """

    filters: int
    kernel: Sides = 3
    stride: Sides = 1
    padding: Sides = 0
    bias: bool = True
    kernels: Array | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.kernel, self.stride = pair_or_side(self.kernel), pair_or_side(self.stride)
        self.padding = pair_or_side(self.padding)
        sides = zip(pair(self.kernel), pair(self.stride), pair(self.padding), strict=True)
        if not all(
            kernel % 2 and 0 <= padding < kernel and stride > 0 for kernel, stride, padding in sides
        ):
            raise ValueError(
                "a convolution needs an odd kernel, a padding below it and a stride of 1 or more, "
                f"not kernel {self.kernel}, padding {self.padding}, stride {self.stride}"
            )

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike) -> Shape:
        height, width, channels = input_shape
        down, across = pair(self.kernel)
        scale = np.sqrt(2.0 / (down * across * channels))
        weights = rng.standard_normal((down, across, channels, self.filters)) * scale
        self.parameters = {"weights": weights.astype(dtype)}
        if self.bias:
            self.parameters["bias"] = np.zeros(self.filters, dtype)
        output = self._output(height, width)
        if min(output) < 1:
            raise ValueError(f"a picture of {height} x {width} is too small for {self}")
        return output

    def _output(self, height: int, width: int) -> Shape:
        rows, columns = (
            (side + 2 * padding - kernel) // stride + 1
            for side, kernel, stride, padding in zip(
                (height, width),
                pair(self.kernel),
                pair(self.stride),
                pair(self.padding),
                strict=True,
            )
        )
        return rows, columns, self.filters

    def forward(self, x: Array) -> tuple[Array, Any]:
        weights = self.parameters["weights"]
        n, height, width, channels = x.shape
        expect_shape("a convolution's input", x, (n, height, width, weights.shape[2]))
        shape = (n, *self._output(height, width))
        cache: Any
        if self.kernels is not None or winograd.pays(self.kernel, self.stride, shape, channels):
            y, cache = winograd.forward(x, weights, self.padding, self.kernels)
        else:
            y, cache = empty(shape, x.dtype), x
            kernels = weights.reshape(-1, self.filters)
            with scratch():
                np.matmul(*by_rows(self._columns(x), kernels, y.reshape(n, -1, self.filters)))
        if self.bias:
            lines = in_lines(y)
            lines += along_lines(self.parameters["bias"], y)
        return y, cache

    def fix(self, output: Shape) -> None:
        """Compute ``kernels``, what `winograd` makes of the weights, if it fits the output shape.

        The weights must not change afterwards.
        """
        weights = self.parameters["weights"]
        if winograd.fits(self.kernel, self.stride, output, weights.shape[2]):
            self.kernels = winograd.kernel_values(weights)

    def _columns(self, x: Array) -> Array:
        """Return the windows of x (N, H, W, C) as the rows of matrices (N, H' W', K K C)."""
        views = windows(padded(x, self.padding), self.kernel, self.stride)
        n, rows, columns, *window = views.shape
        if window[-1] > 1:
            copies = empty(views.shape, x.dtype)
            copies[...] = views
            return copies.reshape(n, rows * columns, -1)
        # With one channel a row of a window is too short to copy: copy pixel (i, j) of all windows.
        copies = empty((n, *window, rows, columns), x.dtype)
        copies[...] = views.transpose(0, 3, 4, 5, 1, 2)
        return copies.reshape(n, -1, rows * columns).transpose(0, 2, 1)

    def backward(
        self, dy: Array, cache: Any, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        tiled = isinstance(cache, winograd.Cache)
        n, height, width, _ = cache.x_shape if tiled else cache.shape
        shape = (n, *self._output(height, width))
        expect_shape("a convolution's dy", dy, shape)
        if tiled:
            dx, dweights = winograd.backward(dy, cache, self.padding, input_gradient=input_gradient)
        else:
            dx, dweights = self._plain_gradients(dy, cache, input_gradient)
        grads = {"weights": dweights}
        if self.bias:
            grads["bias"] = column_sums(dy.reshape(-1, self.filters))
        return dx, grads

    def _plain_gradients(
        self, dy: Array, x: Array, input_gradient: bool
    ) -> tuple[Array | None, Array]:
        weights, dy_rows = self.parameters["weights"], dy.reshape(-1, self.filters)
        # Copying the windows again is cheaper than keeping K * K copies of every activation.
        with scratch():
            of_images = self._columns(x).transpose(0, 2, 1) @ dy.reshape(len(x), -1, self.filters)
        dweights = of_images.sum(axis=0).reshape(weights.shape)
        if not input_gradient:
            return None, dweights
        whole, dx = with_margin(x.shape, self.padding, dy.dtype)
        # Each window's share of dx, as one matrix product, then added up where windows overlap.
        with scratch():
            shares = empty((*dy.shape[:3], *weights.shape[:3]), dy.dtype)
            rows = np.ascontiguousarray(weights.reshape(-1, self.filters).T)
            np.matmul(dy_rows, rows, out=shares.reshape(len(dy_rows), -1))
            add_up(shares, whole, self.stride)
        return dx, dweights


@dataclass
class MaxPool2D(Layer):
    """The maximum of each block of pixels: (N, H, W, C) -> (N, H // size, W // size, C).

    ``size`` is a number for both directions, or a pair (rows, columns).

    Rows and columns that fill no block are left out. The gradient goes to *every* pixel that
    equals its block's maximum: on a constant background ties are the normal case, and the
    network that this project began with shares it out so.
    """

    size: Sides = 2

    def __post_init__(self) -> None:
        self.size = pair_or_side(self.size)

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike) -> Shape:
        height, width, channels = input_shape
        down, across = pair(self.size)
        if height < down or width < across:
            raise ValueError(f"a picture of {height} x {width} is too small for {self}")
        return height // down, width // across, channels

    def _blocks(self, x: Array) -> Array:
        """Return the view (N, H', down, W', across, C) of the part of x that fills blocks."""
        n, height, width, channels = x.shape
        down, across = pair(self.size)
        rows, columns = height // down, width // across
        whole = x[:, : rows * down, : columns * across]
        by_image, by_row, by_column, by_channel = whole.strides
        return np.lib.stride_tricks.as_strided(
            whole,
            (n, rows, down, columns, across, channels),
            (by_image, by_row * down, by_row, by_column * across, by_column, by_channel),
        )

    def forward(self, x: Array) -> tuple[Array, tuple[Array, Array]]:
        blocks = self._blocks(x)
        # The pixels at each place of their blocks, all blocks at once.
        places = [blocks[:, :, i, :, j] for i, j in np.ndindex(pair(self.size))]
        y = empty(places[0].shape, x.dtype)
        np.maximum(places[0], places[-1], out=y)
        for place in places[1:-1]:
            np.maximum(y, place, out=y)
        return y, (x, y)

    def backward(
        self, dy: Array, cache: tuple[Array, Array], *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        x, y = cache
        expect_shape("a pool's dy", dy, y.shape)
        dx = empty(x.shape, dy.dtype)
        down, across = pair(self.size)
        dx[:, y.shape[1] * down :] = 0
        dx[:, :, y.shape[2] * across :] = 0
        blocks, dblocks = self._blocks(x), self._blocks(dx)
        with scratch():
            is_maximum = empty(blocks.shape, np.bool_)
            np.equal(blocks, self._widened(y), out=is_maximum)
            np.multiply(is_maximum, self._widened(dy), out=dblocks)
        return dx, {}

    def _widened(self, y: Array) -> Array:
        """Return (N, H', 1, W', across, C): each pixel of y as often as its block is wide.

        So a line of blocks is one run of memory, which NumPy goes along in one loop.
        """
        n, rows, columns, channels = y.shape
        wide = empty((n, rows, 1, columns, pair(self.size)[1], channels), y.dtype)
        wide[...] = y[:, :, np.newaxis, :, np.newaxis]
        return wide


@dataclass
class ReLU(Layer):
    """max(x, 0), for any shape. The gradient at exactly 0 is 0."""

    def forward(self, x: Array) -> tuple[Array, Array]:
        y = empty(x.shape, x.dtype)
        # A picture of zeros, because with one zero NumPy takes twice as long.
        np.maximum(x, np.zeros(x.shape[1:], x.dtype), out=y)
        return y, y

    def backward(
        self, dy: Array, cache: Array, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        y = cache
        expect_shape("a ReLU's dy", dy, y.shape)
        dx = empty(dy.shape, dy.dtype)
        with scratch():
            is_positive = empty(y.shape, np.bool_)
            np.greater(y, 0, out=is_positive)
            np.multiply(dy, is_positive, out=dx)
        return dx, {}


@dataclass
class Dense(Layer):
    """Every output sees every input: (N, ...) -> (N, units); x is flattened to (N, D) first.

    Weights (D, units), drawn from a normal distribution of variance 1 / D; bias (units,), zero.
    """

    units: int

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike) -> Shape:
        inputs = int(np.prod(input_shape))
        weights = rng.standard_normal((inputs, self.units)) / np.sqrt(inputs)
        self.parameters = {
            "weights": weights.astype(dtype),
            "bias": np.zeros(self.units, dtype),
        }
        return (self.units,)

    def forward(self, x: Array) -> tuple[Array, Array]:
        y = empty((len(x), self.units), x.dtype)
        columns = _images_last(x)
        if columns is None:
            weights = self.parameters["weights"]
            rows = x.reshape(len(x), -1)
            expect_shape("a dense layer's flattened input", rows, (len(x), len(weights)))
            np.matmul(*by_columns(rows, weights, y))
        else:
            np.matmul(*by_rows(columns.T, self._weights_by_channel(x.shape), y))
        y += self.parameters["bias"]
        return y, x

    def backward(
        self, dy: Array, cache: Array, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        x = cache
        weights = self.parameters["weights"]
        expect_shape("a dense layer's dy", dy, (len(x), self.units))
        dweights = empty(weights.shape, dy.dtype)
        grads = {"weights": dweights, "bias": dy.sum(axis=0)}
        columns = _images_last(x)
        if columns is not None:
            dx = self._backward_images_last(dy, columns, x.shape, grads)
            return dx if input_gradient else None, grads
        np.matmul(*by_rows(x.reshape(len(x), -1).T, dy, dweights))
        if not input_gradient:
            return None, grads
        dx = empty(x.shape, dy.dtype)
        if self.units <= _FEW_UNITS:
            np.matmul(dy, weights.T, out=dx.reshape(len(x), -1))
            return dx, grads
        with scratch():
            # weights @ dy.T, because BLAS is slow where a large right factor is transposed.
            columns = empty((len(weights), len(dy)), dy.dtype)
            np.matmul(*by_rows(weights, np.ascontiguousarray(dy.T), columns))
            dx.reshape(len(x), -1)[...] = columns.T
        return dx, grads

    def _weights_by_channel(self, shape: tuple[int, ...]) -> Array:
        """Return the weights for inputs (N, H, W, C) as (C H W, units), a copy."""
        by_pixel = self.parameters["weights"].reshape(*shape[1:], self.units)
        return by_pixel.transpose(2, 0, 1, 3).reshape(-1, self.units)

    def _backward_images_last(
        self, dy: Array, columns: Array, shape: tuple[int, ...], grads: dict[str, Array]
    ) -> Array:
        """Write the gradient of the weights; return dx in the order of x, images last."""
        _, height, width, channels = shape
        dweights = empty((len(columns), self.units), dy.dtype)
        np.matmul(*by_rows(columns, dy, dweights))
        by_channel = dweights.reshape(channels, height, width, self.units)
        by_pixel = grads["weights"].reshape(height, width, channels, self.units)
        by_pixel[...] = by_channel.transpose(1, 2, 0, 3)
        dx = empty(columns.shape, dy.dtype)
        np.matmul(*by_rows(self._weights_by_channel(shape), np.ascontiguousarray(dy.T), dx))
        return dx.reshape(channels, height, width, -1).transpose(3, 1, 2, 0)


def _images_last(x: Array) -> Array | None:
    """Return x (N, H, W, C) as (C H W, N), if it lies so in memory, as `conv_pool` leaves it.

    It can then be multiplied from the other side, and need not be brought into another order.
    """
    if x.ndim != 4 or x.flags.c_contiguous:
        return None
    columns = x.transpose(3, 1, 2, 0)
    return columns.reshape(-1, len(x)) if columns.flags.c_contiguous else None


LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind for kind in (Conv2D, MaxPool2D, ReLU, Dense, BatchNorm)
}
"""Every kind of layer that a weights file may name."""
