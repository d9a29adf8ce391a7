"""What every layer is, and the few steps that several kinds of layer share."""

from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
Sides = int | tuple[int, int]
"""One number for rows and columns, or one for each."""


def pair(sides: Sides) -> tuple[int, int]:
    """Return the number for rows and the number for columns."""
    return sides if isinstance(sides, tuple) else (sides, sides)


def pair_or_side(sides: Sides | list[int]) -> Sides:
    """Return a pair, which JSON has as a list, as a tuple; of two equal numbers, return one."""
    if isinstance(sides, int):
        return sides
    down, across = sides
    return down if down == across else (down, across)


def expect_shape(what: str, array: Array, shape: Shape) -> None:
    """Raise ValueError unless the array has the shape."""
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


def column_sums(rows: Array) -> Array:
    """Return rows.sum(axis=0), by a matrix product, which reads memory at full speed."""
    return np.ones(len(rows), rows.dtype) @ rows


def in_lines(x: Array) -> Array:
    """Return (N, ..., W, C) as (N * ..., W * C): one inner loop of NumPy's per line, not pixel."""
    return x.reshape(-1, x.shape[-2] * x.shape[-1]) if x.ndim > 2 else x


def along_lines(vector: Array, x: Array) -> Array:
    """Return the (C,) vector repeated to fit `in_lines` (x)."""
    if x.ndim == 2:
        return vector
    return np.broadcast_to(vector, (x.shape[-2], len(vector))).reshape(-1)
