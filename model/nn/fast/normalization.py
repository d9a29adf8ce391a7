"""Batch normalisation, faster."""

from functools import partial
from typing import Any

import numpy as np

from model.nn.base import Array, expect_shape
from model.nn.fast.channels import (
    add_to_channels,
    along_lines,
    channel_sums,
    in_lines,
)
from model.nn.fast.implementation import Implementation, Step
from model.nn.fast.workspace import empty, scratch
from model.nn.normalization import BatchNorm


class FastBatchNorm(Implementation[BatchNorm]):
    """Batch normalisation group by group, each going through its memory line by line."""

    def forward(self, x: Array) -> tuple[Array, Any]:
        layer = self.layer
        if layer.frozen:
            return layer.forward(x)
        layer.in_groups(x)  # or raise
        y = empty(x.shape, x.dtype)
        centred = empty(x.shape, x.dtype)
        deviations = []
        for start in range(0, len(x), layer.group):
            group = slice(start, start + layer.group)
            _, variance = _centre(x[group], centred[group], y[group])
            deviation = np.sqrt(variance + layer.epsilon)
            deviations.append(deviation)
            scale = layer.parameters["scale"] / deviation
            np.multiply(in_lines(centred[group]), along_lines(scale, x), out=in_lines(y[group]))
        add_to_channels(y, layer.parameters["shift"])
        return y, (centred, deviations)

    def backward(
        self, dy: Array, cache: Any, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        layer = self.layer
        if layer.frozen:
            return layer.backward(dy, cache, input_gradient=input_gradient)
        centred, deviations = cache
        expect_shape("a batch normalisation's dy", dy, centred.shape)
        scale = layer.parameters["scale"]
        grads = {"scale": np.zeros_like(scale), "shift": np.zeros_like(scale)}
        dx = empty(dy.shape, dy.dtype) if input_gradient else None
        for start, deviation in zip(range(0, len(dy), layer.group), deviations, strict=True):
            group = slice(start, start + layer.group)
            with scratch():
                product = empty(dy[group].shape, dy.dtype)
                np.multiply(dy[group], centred[group], out=product)
                dy_sum, product_sum = channel_sums(dy[group]), channel_sums(product)
            grads["shift"] += dy_sum
            grads["scale"] += product_sum / deviation
            if dx is None:
                continue
            # dx = scale / deviation * (dy - mean(dy) - centred * mean(dy * centred) / variance)
            count = dy[group].size // len(scale)
            slope, tilt = scale / deviation, -product_sum / (count * deviation**2)
            lines = in_lines(dx[group])
            np.multiply(in_lines(centred[group]), along_lines(tilt, dy), out=lines)
            lines += in_lines(dy[group])
            lines *= along_lines(slope, dy)
            lines -= along_lines(slope * dy_sum / count, dy)
        return dx, grads

    def measure_statistics(self, x: Array) -> None:
        mean, variance = _centre(x, empty(x.shape, x.dtype), empty(x.shape, x.dtype))
        self.layer.statistics["mean"][...] = mean
        self.layer.statistics["variance"][...] = variance

    def plan(self, x: Array) -> tuple[Array, list[Step]]:
        lines = in_lines(x)
        a, b = (along_lines(vector, x) for vector in self.layer.scale_and_shift())
        return x, [partial(np.multiply, lines, a, out=lines), partial(np.add, lines, b, out=lines)]


def _centre(x: Array, centred: Array, squares: Array) -> tuple[Array, Array]:
    """Return the mean and the variance of each channel of x (..., C), two arrays (C,).

    x - mean and its squares are written to the other two on the way.
    """
    count = x.size // x.shape[-1]
    mean = channel_sums(x) / count
    np.subtract(in_lines(x), along_lines(mean, x), out=in_lines(centred))
    np.multiply(centred, centred, out=squares)
    return mean, channel_sums(squares) / count
