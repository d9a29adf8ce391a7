"""The layers: convolution, pooling, batch normalisation, ReLU and dense, batched and without a
Python loop over images or pixels.

Shapes and the contract of a layer are in the package's docstring. `workspace.empty` gives the
memory of every large result, so that a training step allocates nothing.
"""

import math
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from model import winograd
from model.products import by_rows
from model.windows import added_up, padded, windows
from model.workspace import empty

Array = NDArray[Any]
Shape = tuple[int, ...]


def _expect_shape(what: str, array: Array, shape: Shape) -> None:
    # Broadcasting would carry a wrong shape on in silence.
    if array.shape != shape:
        raise ValueError(f"{what} has shape {array.shape}, expected {shape}")


@dataclass
class Layer:
    """What all layers share: named parameters, and the same function forward and in prediction.

    ``parameters`` are trained; ``statistics`` are measured on data. Both are empty until `build`.
    """

    parameters: dict[str, Array] = field(init=False, default_factory=dict, repr=False)
    statistics: dict[str, Array] = field(init=False, default_factory=dict, repr=False)

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike) -> Shape:
        """Make the parameters for inputs of shape (N, *input_shape); return the output's shape."""
        return input_shape

    def forward(self, x: Array) -> tuple[Array, Any]:
        """Return the output and what `backward` needs of this pass."""
        raise NotImplementedError

    def backward(
        self, dy: Array, cache: Any, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return (dx, grads). Without ``input_gradient``, dx is None and its work is saved."""
        raise NotImplementedError

    def predict(self, x: Array) -> Array:
        """Return the output of a trained network's layer."""
        return self.forward(x)[0]

    def options(self) -> dict[str, Any]:
        """Return the arguments that make this layer again, parameters apart."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.init}

    def __str__(self) -> str:
        shown = [
            f"{item.name}={getattr(self, item.name)}"
            for item in fields(self)
            if item.init and (item.default is MISSING or getattr(self, item.name) != item.default)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclass
class Conv2D(Layer):
    """Convolution (cross-correlation, as all frameworks have it) with F kernels of K x K.

    (N, H, W, C) -> (N, H', W', F) with H' = (H + 2 padding - K) // stride + 1, W' likewise.
    Weights (K, K, C, F), drawn from a normal distribution of variance 2 / (K K C) (He et al.
    2015, "Delving deep into rectifiers"); bias (F,), zero.

    Every window of the input is copied into a row of a matrix ("im2col"), after which the
    convolution is one matrix product; so is each of its gradients. Where its shape allows, a
    large batch goes by `model.winograd`, which needs fewer multiplications for the same result.

    Raises:
        ValueError: for an even kernel, or a padding that lets a window see no pixel of the input.
    """

    filters: int
    kernel: int = 3
    stride: int = 1
    padding: int = 0
    bias: bool = True

    def __post_init__(self) -> None:
        if self.kernel % 2 == 0 or not 0 <= self.padding < self.kernel or self.stride < 1:
            raise ValueError(
                "a convolution needs an odd kernel, a padding below it and a stride of 1 or more, "
                f"not kernel {self.kernel}, padding {self.padding}, stride {self.stride}"
            )

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike) -> Shape:
        height, width, channels = input_shape
        scale = np.sqrt(2.0 / (self.kernel**2 * channels))
        weights = rng.standard_normal((self.kernel, self.kernel, channels, self.filters)) * scale
        self.parameters = {"weights": weights.astype(dtype)}
        if self.bias:
            self.parameters["bias"] = np.zeros(self.filters, dtype)
        output = (self._output_side(height), self._output_side(width), self.filters)
        if min(output) < 1:
            raise ValueError(f"a picture of {height} x {width} is too small for {self}")
        return output

    def _output_side(self, side: int) -> int:
        return (side + 2 * self.padding - self.kernel) // self.stride + 1

    def forward(self, x: Array) -> tuple[Array, Any]:
        weights = self.parameters["weights"]
        n, height, width, channels = x.shape
        _expect_shape("a convolution's input", x, (n, height, width, weights.shape[2]))
        shape = (n, self._output_side(height), self._output_side(width), self.filters)
        cache: Any
        if winograd.pays(self.kernel, self.stride, shape, channels):
            y, cache = winograd.forward(x, weights, self.padding)
        else:
            y, cache = empty(shape, x.dtype), x
            columns = self._columns(x)
            rows = y.reshape(len(columns), -1)
            np.matmul(*by_rows(columns, weights.reshape(-1, self.filters), rows))
        if self.bias:
            lines = _lines(y)
            lines += _along_lines(self.parameters["bias"], y)
        return y, cache

    def _columns(self, x: Array) -> Array:
        """Return the windows of x (N, H, W, C) as the rows of a matrix (N H' W', K K C)."""
        views = windows(padded(x, self.padding), self.kernel, self.stride)
        copies = empty(views.shape, x.dtype)
        copies[...] = views
        return copies.reshape(math.prod(views.shape[:3]), -1)

    def backward(
        self, dy: Array, cache: Any, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        tiled = isinstance(cache, winograd.Cache)
        n, height, width, _ = cache.x_shape if tiled else cache.shape
        shape = (n, self._output_side(height), self._output_side(width), self.filters)
        _expect_shape("a convolution's dy", dy, shape)
        if tiled:
            dx, dweights = winograd.backward(dy, cache, self.padding, input_gradient=input_gradient)
        else:
            dx, dweights = self._plain_gradients(dy, cache, input_gradient)
        grads = {"weights": dweights}
        if self.bias:
            grads["bias"] = _column_sums(dy.reshape(-1, self.filters))
        return dx, grads

    def _plain_gradients(
        self, dy: Array, x: Array, input_gradient: bool
    ) -> tuple[Array | None, Array]:
        weights, dy_rows = self.parameters["weights"], dy.reshape(-1, self.filters)
        # Copying the windows again is cheaper than keeping K * K copies of every activation.
        dweights = (self._columns(x).T @ dy_rows).reshape(weights.shape)
        if not input_gradient:
            return None, dweights
        # Each window's share of dx, as one matrix product, then added up where windows overlap.
        shares = empty((*dy.shape[:3], *weights.shape[:3]), dy.dtype)
        rows = weights.reshape(-1, self.filters)
        np.matmul(dy_rows, np.ascontiguousarray(rows.T), out=shares.reshape(len(dy_rows), -1))
        return added_up(shares, x.shape, self.stride, self.padding), dweights


def _column_sums(rows: Array) -> Array:
    """Return rows.sum(axis=0), by a matrix product, which reads memory at full speed."""
    return np.ones(len(rows), rows.dtype) @ rows


@dataclass
class MaxPool2D(Layer):
    """The maximum of each block of pixels: (N, H, W, C) -> (N, H // size, W // size, C).

    Rows and columns that fill no block are left out. The gradient goes to *every* pixel that
    equals its block's maximum: on a constant background ties are the normal case, and the
    network that this project began with shares it out so.
    """

    size: int = 2

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike) -> Shape:
        height, width, channels = input_shape
        if min(height, width) < self.size:
            raise ValueError(f"a picture of {height} x {width} is too small for {self}")
        return height // self.size, width // self.size, channels

    def _blocks(self, x: Array) -> Array:
        """Return the view (N, H', size, W', size, C) of the part of x that fills blocks."""
        n, height, width, channels = x.shape
        rows, columns = height // self.size, width // self.size
        whole = x[:, : rows * self.size, : columns * self.size]
        by_image, by_row, by_column, by_channel = whole.strides
        return np.lib.stride_tricks.as_strided(
            whole,
            (n, rows, self.size, columns, self.size, channels),
            (by_image, by_row * self.size, by_row, by_column * self.size, by_column, by_channel),
        )

    def forward(self, x: Array) -> tuple[Array, tuple[Array, Array]]:
        blocks = self._blocks(x)
        n, rows, _, columns, _, channels = blocks.shape
        # Pairs of whole rows first: long runs of memory, and half the work for the second step.
        tallest = empty((n, rows, columns, self.size, channels), x.dtype)
        np.copyto(tallest, blocks[:, :, 0])
        for row in range(1, self.size):
            np.maximum(tallest, blocks[:, :, row], out=tallest)
        y = empty((n, rows, columns, channels), x.dtype)
        np.copyto(y, tallest[:, :, :, 0])
        for column in range(1, self.size):
            np.maximum(y, tallest[:, :, :, column], out=y)
        return y, (x, y)

    def backward(
        self, dy: Array, cache: tuple[Array, Array], *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        x, y = cache
        _expect_shape("a pool's dy", dy, y.shape)
        dx = empty(x.shape, dy.dtype)
        dx[:, y.shape[1] * self.size :] = 0
        dx[:, :, y.shape[2] * self.size :] = 0
        blocks, gradients = self._blocks(x), self._blocks(dx)
        for row in range(self.size):
            for column in range(self.size):
                is_maximum = blocks[:, :, row, :, column] == y
                np.multiply(dy, is_maximum, out=gradients[:, :, row, :, column])
        return dx, {}


@dataclass
class ReLU(Layer):
    """max(x, 0), for any shape. The gradient at exactly 0 is 0."""

    def forward(self, x: Array) -> tuple[Array, Array]:
        y = empty(x.shape, x.dtype)
        np.maximum(x, 0, out=y)
        return y, y

    def backward(
        self, dy: Array, cache: Array, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        y = cache
        _expect_shape("a ReLU's dy", dy, y.shape)
        dx = empty(dy.shape, dy.dtype)
        np.multiply(dy, y > 0, out=dx)
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
        weights = self.parameters["weights"]
        rows = x.reshape(len(x), -1)
        _expect_shape("a dense layer's flattened input", rows, (len(x), len(weights)))
        return rows @ weights + self.parameters["bias"], x

    def backward(
        self, dy: Array, cache: Array, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        x = cache
        weights = self.parameters["weights"]
        _expect_shape("a dense layer's dy", dy, (len(x), self.units))
        grads = {"weights": x.reshape(len(x), -1).T @ dy, "bias": dy.sum(axis=0)}
        return ((dy @ weights.T).reshape(x.shape) if input_gradient else None), grads


@dataclass
class BatchNorm(Layer):
    """Each channel brought to mean 0 and variance 1, then scaled and shifted: shape unchanged.

    Ioffe and Szegedy 2015, "Batch normalization". In training, mean and variance are those of
    ``group`` consecutive images ("ghost batches": Hoffer et al. 2017, "Train longer, generalize
    better"), so the result does not depend on how a batch is split into shards of whole groups.
    In prediction they are the ``statistics`` of the training data, which `Network.calibrate`
    measures. Scale (C,) starts at 1, shift (C,) at 0. A ``frozen`` layer uses the statistics in
    `forward` too, which is what gradients of a trained network need.

    Raises:
        ValueError: in `forward`, for more than ``group`` images that are not whole groups.
    """

    group: int = 32
    frozen: bool = False
    epsilon: float = 1e-5

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: DTypeLike) -> Shape:
        channels = input_shape[-1]
        self.parameters = {"scale": np.ones(channels, dtype), "shift": np.zeros(channels, dtype)}
        self.statistics = {"mean": np.zeros(channels, dtype), "variance": np.ones(channels, dtype)}
        return input_shape

    def scale_and_shift(self) -> tuple[Array, Array]:
        """Return (a, b), each (C,), with which prediction is a * x + b."""
        a = self.parameters["scale"] / np.sqrt(self.statistics["variance"] + self.epsilon)
        return a, self.parameters["shift"] - a * self.statistics["mean"]

    def predict(self, x: Array) -> Array:
        a, b = self.scale_and_shift()
        y = x * a
        y += b
        return y

    def forward(self, x: Array) -> tuple[Array, Any]:
        if self.frozen:
            return self.predict(x), x.shape
        if len(x) > self.group and len(x) % self.group:
            raise ValueError(
                f"{len(x)} images are not whole groups of {self.group} for batch normalisation"
            )
        y = empty(x.shape, x.dtype)
        centred = empty(x.shape, x.dtype)
        deviations = []
        for start in range(0, len(x), self.group):
            group = slice(start, start + self.group)
            mean, variance = moments(x[group])
            deviation = np.sqrt(variance + self.epsilon)
            deviations.append(deviation)
            np.subtract(_lines(x[group]), _along_lines(mean, x), out=_lines(centred[group]))
            scale = self.parameters["scale"] / deviation
            np.multiply(_lines(centred[group]), _along_lines(scale, x), out=_lines(y[group]))
        lines = _lines(y)
        lines += _along_lines(self.parameters["shift"], x)
        return y, (centred, deviations)

    def backward(
        self, dy: Array, cache: Any, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        expected = cache if self.frozen else cache[0].shape
        _expect_shape("a batch normalisation's dy", dy, expected)
        if self.frozen:
            return dy * self.scale_and_shift()[0], {}
        centred, deviations = cache
        scale = self.parameters["scale"]
        grads = {"scale": np.zeros_like(scale), "shift": np.zeros_like(scale)}
        dx = empty(dy.shape, dy.dtype)
        for start, deviation in zip(range(0, len(dy), self.group), deviations, strict=True):
            group = slice(start, start + self.group)
            dy_rows = dy[group].reshape(-1, len(scale))
            products = empty(dy_rows.shape, dy.dtype)
            np.multiply(dy_rows, centred[group].reshape(dy_rows.shape), out=products)
            dy_sum, product_sum = _column_sums(dy_rows), _column_sums(products)
            grads["shift"] += dy_sum
            grads["scale"] += product_sum / deviation
            # dx = scale / deviation * (dy - mean(dy) - centred * mean(dy * centred) / variance)
            slope = scale / deviation
            lines = _lines(dx[group])
            tilt = -slope * product_sum / (len(dy_rows) * deviation**2)
            np.multiply(_lines(centred[group]), _along_lines(tilt, dy), out=lines)
            lines -= _along_lines(slope * dy_sum / len(dy_rows), dy)
            scaled = products.reshape(lines.shape)
            np.multiply(_lines(dy[group]), _along_lines(slope, dy), out=scaled)
            lines += scaled
        return dx, grads


def moments(x: Array) -> tuple[Array, Array]:
    """Return the mean and the variance of each channel of x (..., C), two arrays (C,)."""
    rows = x.reshape(-1, x.shape[-1])
    mean = _column_sums(rows) / len(rows)
    squares = empty(x.shape, x.dtype)
    np.subtract(_lines(x), _along_lines(mean, x), out=_lines(squares))
    np.multiply(squares, squares, out=squares)
    return mean, _column_sums(squares.reshape(rows.shape)) / len(rows)


def _lines(x: Array) -> Array:
    """Return (N, ..., W, C) as (N * ..., W * C): one inner loop of NumPy's per line, not pixel."""
    return x.reshape(-1, x.shape[-2] * x.shape[-1]) if x.ndim > 2 else x


def _along_lines(vector: Array, x: Array) -> Array:
    """Return the (C,) vector repeated to fit `_lines` (x)."""
    return np.tile(vector, x.shape[-2]) if x.ndim > 2 else vector


LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind for kind in (Conv2D, MaxPool2D, ReLU, Dense, BatchNorm)
}
"""Every kind of layer that a weights file may name."""
