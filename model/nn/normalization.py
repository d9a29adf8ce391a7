"""Batch normalisation by its plain definition; what is faster is in `model.nn.fast`."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from model.nn.base import Array, Layer, Shape, expect_shape


@dataclass
class BatchNorm(Layer):
    """Each channel brought to mean 0 and variance 1, then scaled and shifted: shape unchanged.

    Ioffe and Szegedy 2015, "Batch normalization". In training, mean and variance are those of
    ``group`` consecutive images ("ghost batches": Hoffer et al. 2017, "Train longer, generalize
    better"), so the result does not depend on how a batch is split into shards of whole groups.
    In prediction they are the ``statistics`` of the training data, ``mean`` and ``variance``,
    each (C,), which `Network.measure_statistics` sets. Parameters ``scale`` (C,), which starts at
    1, and ``shift`` (C,), at 0. A ``frozen`` layer uses the statistics in `forward` too, which is
    what gradients of a trained network need.

    Raises:
        ValueError: for a group below 1 or an epsilon that is not above 0; in `forward`, for more
            than ``group`` images that are not whole groups.
    """

    group: int = 32
    frozen: bool = False
    epsilon: float = 1e-5  # added to the variance, against a division by 0

    def __post_init__(self) -> None:
        if self.group < 1 or not self.epsilon > 0:
            raise ValueError(
                "batch normalisation needs a group of 1 or more and an epsilon above 0, not "
                f"{self.group} and {self.epsilon}"
            )

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"scale": input_shape[-1:], "shift": input_shape[-1:]}

    def statistic_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"mean": input_shape[-1:], "variance": input_shape[-1:]}

    def initialise(self, rng: np.random.Generator) -> None:
        self.parameters["scale"][...] = self.statistics["variance"][...] = 1
        self.parameters["shift"][...] = self.statistics["mean"][...] = 0

    def scale_and_shift(self) -> tuple[Array, Array]:
        """Return (a, b), each (C,), with which prediction is a * x + b."""
        a = self.parameters["scale"] / self._deviation()
        return a, self.parameters["shift"] - a * self.statistics["mean"]

    def _deviation(self) -> Array:
        return np.sqrt(self.statistics["variance"] + self.epsilon)

    def predict(self, x: Array) -> Array:
        a, b = self.scale_and_shift()
        y = x * a
        y += b
        return y

    def measure_statistics(self, x: Array) -> None:
        axes = tuple(range(x.ndim - 1))
        self.statistics["mean"][...] = x.mean(axis=axes)
        self.statistics["variance"][...] = x.var(axis=axes)

    def forward(self, x: Array) -> tuple[Array, Any]:
        if self.frozen:
            return self.predict(x), x
        groups = self.in_groups(x)
        axes = tuple(range(1, x.ndim))
        deviation = np.sqrt(groups.var(axis=axes, keepdims=True) + self.epsilon)
        normalised = (groups - groups.mean(axis=axes, keepdims=True)) / deviation
        y = self.parameters["scale"] * normalised + self.parameters["shift"]
        return y.reshape(x.shape), (normalised, deviation)

    def in_groups(self, x: Array) -> Array:
        """Return x (N, ...) as (groups, images, ...).

        Raises:
            ValueError: for more than ``group`` images that are not whole groups.
        """
        if len(x) > self.group and len(x) % self.group:
            raise ValueError(
                f"{len(x)} images are not whole groups of {self.group} for batch normalisation"
            )
        return x.reshape(-1, min(len(x), self.group), *x.shape[1:])

    def backward(
        self, dy: Array, cache: Any, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        if self.frozen:
            return self._frozen_backward(dy, cache, input_gradient)
        normalised, deviation = cache  # (groups, images, ..., C), (groups, 1, ..., C)
        groups, images, *rest = normalised.shape
        expect_shape("a batch normalisation's dy", dy, (groups * images, *rest))
        dy = dy.reshape(normalised.shape)
        but_last, within = tuple(range(dy.ndim - 1)), tuple(range(1, dy.ndim - 1))
        product = dy * normalised
        grads = {"scale": product.sum(axis=but_last), "shift": dy.sum(axis=but_last)}
        if not input_gradient:
            return None, grads
        # Mean and deviation depend on every x of the group: what they pass on is taken off.
        dx = dy - dy.mean(axis=within, keepdims=True)
        dx -= normalised * product.mean(axis=within, keepdims=True)
        dx *= self.parameters["scale"] / deviation
        return dx.reshape(groups * images, *rest), grads

    def _frozen_backward(
        self, dy: Array, x: Array, input_gradient: bool
    ) -> tuple[Array | None, dict[str, Array]]:
        expect_shape("a batch normalisation's dy", dy, x.shape)
        normalised = (x - self.statistics["mean"]) / self._deviation()
        axes = tuple(range(x.ndim - 1))
        grads = {"scale": (dy * normalised).sum(axis=axes), "shift": dy.sum(axis=axes)}
        return (dy * self.scale_and_shift()[0] if input_gradient else None), grads
