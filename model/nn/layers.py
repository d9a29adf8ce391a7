"""The layers by their plain definitions: convolution, pooling, ReLU and dense here, batch
normalisation in its own module; batched, and without a Python loop over images or pixels.

This is the mathematics. Before a network computes with a layer it asks `model.nn.fast` once for a
faster way to the same result. Shapes, and the contract that every layer keeps, are in the
docstrings of `model` and of `model.nn.base.Layer`.
"""

import math
from dataclasses import dataclass

import numpy as np

from model.nn.base import Array, Layer, Shape, Sides, expect_shape, pair, side_or_pair
from model.nn.normalization import BatchNorm

__all__ = ["LAYERS", "Array", "BatchNorm", "Conv2D", "Dense", "Layer", "MaxPool2D", "ReLU", "Shape"]


@dataclass
class Conv2D(Layer):
    """Convolution (cross-correlation, as all frameworks have it) with F filters of K x K.

    ``kernel_size``, ``stride`` and ``padding`` are a number, or two: for rows and for columns.
    (N, H, W, C) -> (N, H', W', F) with H' = (H + 2 padding - K) // stride + 1, W' likewise. The
    ``padding`` is rows and columns of zeros on every side of the picture.
    Weights (K, K, C, F), drawn from a normal distribution of variance 2 / (K K C) (He et al.
    2015, "Delving deep into rectifiers"); bias (F,), zero, or none if ``bias`` is False.

    Every window of the input is copied into a row of a matrix ("im2col"). The convolution is then
    one matrix product, and so is each of its gradients.

    Raises:
        ValueError: for no filter, an even kernel size, a stride of 0, or a padding that lets a
            window see no pixel of the input.
    """

    filters: int
    kernel_size: Sides = 3
    stride: Sides = 1
    padding: Sides = 0
    bias: bool = True

    def __post_init__(self) -> None:
        self.kernel_size = side_or_pair(self.kernel_size)
        self.stride, self.padding = side_or_pair(self.stride), side_or_pair(self.padding)
        fits = all(
            size % 2 == 1 and stride >= 1 and 0 <= padding < size
            for size, stride, padding in self._by_direction()
        )
        if not (fits and self.filters >= 1):
            raise ValueError(
                "a convolution needs filters, an odd kernel size, a padding below it and a stride "
                f"of 1 or more, not {self}"
            )

    def _by_direction(self) -> list[tuple[int, int, int]]:
        """Return kernel size, stride and padding down the picture, and across it."""
        sides = pair(self.kernel_size), pair(self.stride), pair(self.padding)
        return list(zip(*sides, strict=True))

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width = (
            (side + 2 * padding - size) // stride + 1
            for side, (size, stride, padding) in zip(
                input_shape[:2], self._by_direction(), strict=True
            )
        )
        if min(height, width) < 1:
            raise ValueError(
                f"a picture of {input_shape[0]} x {input_shape[1]} is too small for {self}"
            )
        return height, width, self.filters

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        weights = (*pair(self.kernel_size), input_shape[2], self.filters)
        return {"weights": weights, "bias": (self.filters,)} if self.bias else {"weights": weights}

    def initialise(self, rng: np.random.Generator) -> None:
        weights = self.parameters["weights"]
        weights[...] = rng.standard_normal(weights.shape) * np.sqrt(2 / weights[..., 0].size)
        if self.bias:
            self.parameters["bias"][...] = 0

    def forward(self, x: Array) -> tuple[Array, Array]:
        weights = self.parameters["weights"]
        expect_shape("a convolution's input", x, (*x.shape[:3], weights.shape[2]))
        rows = self._windows(x)  # (N H' W', K K C)
        y = rows @ weights.reshape(-1, self.filters)  # (N H' W', F)
        if self.bias:
            y += self.parameters["bias"]
        return y.reshape(len(x), *self.output_shape(x.shape[1:])), x

    def backward(
        self, dy: Array, cache: Array, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        x, weights = cache, self.parameters["weights"]
        expect_shape("a convolution's dy", dy, (len(x), *self.output_shape(x.shape[1:])))
        dy_rows = dy.reshape(-1, self.filters)  # (N H' W', F)
        grads = {"weights": (self._windows(x).T @ dy_rows).reshape(weights.shape)}
        if self.bias:
            grads["bias"] = dy_rows.sum(axis=0)
        if not input_gradient:
            return None, grads
        dwindows = dy_rows @ weights.reshape(-1, self.filters).T  # (N H' W', K K C)
        return self._added_up(dwindows, x.shape), grads

    def _windows(self, x: Array) -> Array:
        """Return each window of x (N, H, W, C), zeros around it, as a row: (N H' W', K K C)."""
        margins = [(padding, padding) for *_, padding in self._by_direction()]
        padded = np.pad(x, ((0, 0), *margins, (0, 0)))
        sides, (down, across) = pair(self.kernel_size), pair(self.stride)
        views = np.lib.stride_tricks.sliding_window_view(padded, sides, axis=(1, 2))
        chosen = views[:, ::down, ::across]  # (N, H', W', C, K, K)
        return chosen.transpose(0, 1, 2, 4, 5, 3).reshape(-1, math.prod(sides) * x.shape[3])

    def _added_up(self, dwindows: Array, shape: Shape) -> Array:
        """Return dx (N, H, W, C): each pixel's gradients in all windows that it stood in, added.

        ``dwindows`` (N H' W', K K C) are in the order of `_windows`.
        """
        n, height, width, channels = shape
        rows, columns, _ = self.output_shape(shape[1:])
        sides, (down, across), (top, left) = map(
            pair, (self.kernel_size, self.stride, self.padding)
        )
        by_place = dwindows.reshape(n, rows, columns, *sides, channels)
        dx = np.zeros((n, height + 2 * top, width + 2 * left, channels), dwindows.dtype)
        for i, j in np.ndindex(sides):  # the pixels that stood at (i, j) of their windows
            at_rows, at_columns = (
                slice(i, i + down * rows, down),
                slice(j, j + across * columns, across),
            )
            dx[:, at_rows, at_columns] += by_place[:, :, :, i, j]
        return dx[:, top : top + height, left : left + width]


@dataclass
class MaxPool2D(Layer):
    """The maximum of each block of pixels: (N, H, W, C) -> (N, H // size, W // size, C).

    ``size`` is a number, or two: of rows and of columns.
    Rows and columns that fill no block are left out. The gradient goes to *every* pixel that
    equals its block's maximum: on a constant background ties are the normal case, and the
    network that this project began with shares it out so.

    Raises:
        ValueError: for a size below 1.
    """

    size: Sides = 2

    def __post_init__(self) -> None:
        self.size = side_or_pair(self.size)
        if min(pair(self.size)) < 1:
            raise ValueError(f"a pool needs a size of 1 or more, not {self.size}")

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, channels = input_shape
        down, across = pair(self.size)
        if height < down or width < across:
            raise ValueError(f"a picture of {height} x {width} is too small for {self}")
        return height // down, width // across, channels

    def forward(self, x: Array) -> tuple[Array, tuple[Array, Array]]:
        y = self._blocks(x).max(axis=(2, 4))
        return y, (x, y)

    def backward(
        self, dy: Array, cache: tuple[Array, Array], *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        x, y = cache
        expect_shape("a pool's dy", dy, y.shape)
        if not input_gradient:
            return None, {}
        is_maximum = self._blocks(x) == y[:, :, np.newaxis, :, np.newaxis]
        dblocks = is_maximum * dy[:, :, np.newaxis, :, np.newaxis]
        dx = np.zeros(x.shape, dy.dtype)
        down, across = pair(self.size)
        filled = dx[:, : y.shape[1] * down, : y.shape[2] * across]
        filled[...] = dblocks.reshape(filled.shape)
        return dx, {}

    def _blocks(self, x: Array) -> Array:
        """Return the part of x that fills blocks, (N, H', size, W', size, C)."""
        rows, columns, channels = self.output_shape(x.shape[1:])
        down, across = pair(self.size)
        filled = x[:, : rows * down, : columns * across]
        return filled.reshape(len(x), rows, down, columns, across, channels)


@dataclass
class ReLU(Layer):
    """max(x, 0), for any shape. The gradient at exactly 0 is 0."""

    def forward(self, x: Array) -> tuple[Array, Array]:
        y = np.maximum(x, 0)
        return y, y

    def backward(
        self, dy: Array, cache: Array, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        y = cache
        expect_shape("a ReLU's dy", dy, y.shape)
        return (dy * (y > 0) if input_gradient else None), {}


@dataclass
class Dense(Layer):
    """Every output sees every input: (N, ...) -> (N, units); x is flattened to (N, D) first.

    Weights (D, units), drawn from a normal distribution of variance 1 / D; bias (units,), zero.

    Raises:
        ValueError: for less than one unit.
    """

    units: int

    def __post_init__(self) -> None:
        if self.units < 1:
            raise ValueError(f"a dense layer needs 1 unit or more, not {self.units}")

    def output_shape(self, input_shape: Shape) -> Shape:
        return (self.units,)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"weights": (math.prod(input_shape), self.units), "bias": (self.units,)}

    def initialise(self, rng: np.random.Generator) -> None:
        weights = self.parameters["weights"]
        weights[...] = rng.standard_normal(weights.shape) / np.sqrt(len(weights))
        self.parameters["bias"][...] = 0

    def forward(self, x: Array) -> tuple[Array, Array]:
        weights = self.parameters["weights"]
        rows = x.reshape(len(x), -1)
        expect_shape("a dense layer's flattened input", rows, (len(x), len(weights)))
        return rows @ weights + self.parameters["bias"], x

    def backward(
        self, dy: Array, cache: Array, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        x, weights = cache, self.parameters["weights"]
        expect_shape("a dense layer's dy", dy, (len(x), self.units))
        grads = {"weights": x.reshape(len(x), -1).T @ dy, "bias": dy.sum(axis=0)}
        return ((dy @ weights.T).reshape(x.shape) if input_gradient else None), grads


LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind for kind in (Conv2D, MaxPool2D, ReLU, Dense, BatchNorm)
}
"""Every kind of layer that a weights file may name."""
