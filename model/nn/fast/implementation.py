"""What stands in for a layer when a network computes."""

from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

from model.nn.base import Array, Layer
from model.nn.fast.workspace import empty

L = TypeVar("L", bound=Layer)

Step = Callable[[], Any]
"""A call with all its arguments, such as ``partial(np.add, x, bias, out=y)``."""


class Implementation(Generic[L]):
    """Gives a layer's results. This one has the layer compute them; others are faster.

    `forward`, `backward`, `predict` and `measure_statistics` keep the contract of
    `model.nn.base.Layer`, errors included, and threads can share them.
    """

    def __init__(self, layer: L) -> None:
        self.layer = layer

    def forward(self, x: Array) -> tuple[Array, Any]:
        """Return (y, cache), as `Layer.forward`."""
        return self.layer.forward(x)

    def backward(
        self, dy: Array, cache: Any, *, input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return (dx, grads), as `Layer.backward`."""
        return self.layer.backward(dy, cache, input_gradient=input_gradient)

    def predict(self, x: Array) -> Array:
        """Return y, as `Layer.predict`."""
        return self.layer.predict(x)

    def measure_statistics(self, x: Array) -> None:
        """Set the layer's statistics, as `Layer.measure_statistics`."""
        self.layer.measure_statistics(x)

    def fix(self) -> None:
        """Promise that the parameters do not change any more: what depends on them may be kept."""

    def plan(self, x: Array) -> tuple[Array, list[Step]]:
        """Return (y, steps): running the steps writes to y what the layer predicts for one frame.

        ``x`` (1, ...) is contiguous memory, in which other values may stand each time, and which
        the steps may overwrite; ``y`` is contiguous too. The layer must have been fixed. The plan
        keeps memory, so it is made within `workspace.own_memory`.
        """
        y = empty((1, *self.layer.output_shape(x.shape[1:])), x.dtype)
        return y, [partial(self._predict_to, y, x)]

    def _predict_to(self, y: Array, x: Array) -> None:
        y[...] = self.predict(x)
