"""Batch normalisation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from model.nn.base import Array, Layer, Shape, along_lines, column_sums, expect_shape, in_lines
from model.nn.fast.workspace import empty, scratch


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
            _, variance = _centre(x[group], centred[group], y[group])
            deviation = np.sqrt(variance + self.epsilon)
            deviations.append(deviation)
            scale = self.parameters["scale"] / deviation
            np.multiply(in_lines(centred[group]), along_lines(scale, x), out=in_lines(y[group]))
        lines = in_lines(y)
        lines += along_lines(self.parameters["shift"], x)
        return y, (centred, deviations)

    def backward(
        self, dy: Array, cache: Any, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        expected = cache if self.frozen else cache[0].shape
        expect_shape("a batch normalisation's dy", dy, expected)
        if self.frozen:
            return dy * self.scale_and_shift()[0], {}
        centred, deviations = cache
        scale = self.parameters["scale"]
        grads = {"scale": np.zeros_like(scale), "shift": np.zeros_like(scale)}
        dx = empty(dy.shape, dy.dtype)
        for start, deviation in zip(range(0, len(dy), self.group), deviations, strict=True):
            group = slice(start, start + self.group)
            dy_rows = dy[group].reshape(-1, len(scale))
            with scratch():
                products = empty(dy_rows.shape, dy.dtype)
                np.multiply(dy_rows, centred[group].reshape(dy_rows.shape), out=products)
                dy_sum, product_sum = column_sums(dy_rows), column_sums(products)
            grads["shift"] += dy_sum
            grads["scale"] += product_sum / deviation
            # dx = scale / deviation * (dy - mean(dy) - centred * mean(dy * centred) / variance)
            slope, tilt = scale / deviation, -product_sum / (len(dy_rows) * deviation**2)
            lines = in_lines(dx[group])
            np.multiply(in_lines(centred[group]), along_lines(tilt, dy), out=lines)
            lines += in_lines(dy[group])
            lines *= along_lines(slope, dy)
            lines -= along_lines(slope * dy_sum / len(dy_rows), dy)
        return dx, grads


def moments(x: Array) -> tuple[Array, Array]:
    """Return the mean and the variance of each channel of x (..., C), two arrays (C,)."""
    return _centre(x, empty(x.shape, x.dtype), empty(x.shape, x.dtype))


def _centre(x: Array, centred: Array, squares: Array) -> tuple[Array, Array]:
    """Return what `moments` does; write x - mean and its squares to the other two on the way."""
    rows = x.reshape(-1, x.shape[-1])
    mean = column_sums(rows) / len(rows)
    np.subtract(in_lines(x), along_lines(mean, x), out=in_lines(centred))
    np.multiply(centred, centred, out=squares)
    return mean, column_sums(squares.reshape(rows.shape)) / len(rows)
