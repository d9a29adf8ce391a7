"""What every layer is: named parameters, and a function with its gradients."""

import operator
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
Sides = int | tuple[int, int]
"""One number for rows and columns, or one for each."""


def pair(sides: Sides) -> tuple[int, int]:
    """Return the number for rows and the number for columns."""
    return sides if isinstance(sides, tuple) else (sides, sides)


def side_or_pair(sides: Sides | list[int]) -> Sides:
    """Return two numbers, which JSON has as a list, as a tuple; two that are equal, as one.

    Raises:
        TypeError, ValueError: for anything but one or two whole numbers.
    """
    if isinstance(sides, int):
        return sides
    down, across = (operator.index(side) for side in sides)
    return down if down == across else (down, across)


def expect_shape(what: str, array: Array, shape: Shape) -> None:
    """Check the shape of an array, which broadcasting would carry on wrong in silence.

    Raises:
        ValueError: if the shape is another; the message names ``what`` and both shapes.
    """
    if array.shape != shape:
        raise ValueError(f"{what} has shape {array.shape}, expected {shape}")


@dataclass
class Layer:
    """What all layers share. A new kind of layer overrides what differs from these methods.

    A layer's options are the fields of its dataclass. Its numbers are in two dicts of arrays:
    ``parameters`` are trained, ``statistics`` are measured on data. `model.nn.network.Network`
    makes both, for it alone knows what comes in; until then they are empty. The layer computes in
    the dtype of what it is given, float32 or float64.
    """

    parameters: dict[str, Array] = field(init=False, default_factory=dict, repr=False)
    statistics: dict[str, Array] = field(init=False, default_factory=dict, repr=False)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the output for inputs of this shape, N apart in both.

        Raises:
            ValueError: if the input is too small for the layer.
        """
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shape of each parameter by name, for inputs of this shape, N apart."""
        return {}

    def statistic_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Return the shape of each statistic by name, for inputs of this shape, N apart."""
        return {}

    def initialise(self, rng: np.random.Generator) -> None:
        """Set the parameters and statistics to what training starts from, drawn by ``rng``."""

    def forward(self, x: Array) -> tuple[Array, Any]:
        """Return (y, cache): the output for x (N, ...), and what `backward` needs of this pass.

        It writes nothing to the layer, so threads can share it.

        Raises:
            ValueError: if x has another shape than the layer was made for.
        """
        raise NotImplementedError

    def backward(
        self, dy: Array, cache: Any, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return (dx, grads), the gradients of the loss whose gradient by the output is ``dy``.

        ``dx`` is of the shape of x. Without ``input_gradient`` it is None, and what only it needs
        is not computed. ``grads`` has the names and the shapes of the parameters.

        Raises:
            ValueError: if ``dy`` has another shape than the output.
        """
        raise NotImplementedError

    def predict(self, x: Array) -> Array:
        """Return the output of a trained layer for x (N, ...); errors as in `forward`."""
        return self.forward(x)[0]

    def measure_statistics(self, x: Array) -> None:
        """Set the statistics to those of inputs x (N, ...)."""

    def options(self) -> dict[str, Any]:
        """Return the arguments that make a layer like this one, its numbers apart."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.init}

    def __str__(self) -> str:
        shown = [
            f"{item.name}={getattr(self, item.name)}"
            for item in fields(self)
            if item.init and (item.default is MISSING or getattr(self, item.name) != item.default)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"
