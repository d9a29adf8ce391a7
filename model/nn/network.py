"""A network is a list of layers, one after the other."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from model.nn import fast
from model.nn.base import Array, Layer, Shape
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D

FRAME_SHAPE: Shape = (28, 28, 1)
_CHUNK = 64  # images that `predict` takes at a time


def shapes_through(
    layers: Sequence[Layer], input_shape: Shape = FRAME_SHAPE
) -> Iterator[tuple[Layer, Shape, Shape]]:
    """Yield each layer with its input's and its output's shape, N apart in both.

    Raises:
        ValueError: if a layer's input is too small for it.
    """
    shape = input_shape
    for layer in layers:
        output_shape = layer.output_shape(shape)
        yield layer, shape, output_shape
        shape = output_shape


def count_numbers(layers: Sequence[Layer], input_shape: Shape = FRAME_SHAPE) -> int:
    """Return how many parameters and statistics a network of these layers holds.

    It needs no memory for them, so it can be asked of layers that a file describes.

    Raises:
        ValueError: if a layer's input is too small for it.
    """
    return sum(
        math.prod(shape)
        for layer, shape_in, _ in shapes_through(layers, input_shape)
        for shapes in (layer.parameter_shapes(shape_in), layer.statistic_shapes(shape_in))
        for shape in shapes.values()
    )


class Network:
    """Layers in order, their parameters side by side in one vector.

    The shapes of all its arrays follow from the layers; every number in them is 0 until
    `initialise` draws them, or until they are copied from elsewhere.

    Attributes:
        layers: the layers, whose ``parameters`` and ``statistics`` are this network's.
        input_shape: the shape of one input, by default a frame's (28, 28, 1).
        shapes: the shape of the output behind each layer, N apart.
        vector: every parameter (1-D, ``dtype``); each layer's parameters are views of it. So an
            optimizer, an average of weights and a checkpoint are one array each.

    Raises:
        ValueError: if a layer's input is too small for it.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        input_shape: Shape = FRAME_SHAPE,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.layers = tuple(layers)
        self.input_shape = input_shape
        self.shapes: list[Shape] = []
        parameters: list[tuple[Layer, str, Shape]] = []
        for layer, shape_in, shape_out in shapes_through(self.layers, input_shape):
            self.shapes.append(shape_out)
            for name, shape in layer.parameter_shapes(shape_in).items():
                parameters.append((layer, name, shape))
            layer.parameters = {}
            layer.statistics = {
                name: np.zeros(shape, dtype)
                for name, shape in layer.statistic_shapes(shape_in).items()
            }
        self.vector: Array = np.zeros(sum(math.prod(shape) for *_, shape in parameters), dtype)
        start = 0
        for layer, name, shape in parameters:
            end = start + math.prod(shape)
            layer.parameters[name] = self.vector[start:end].reshape(shape)
            start = end
        self._fast = [fast.implementation(layer) for layer in self.layers]

    def initialise(self, rng: np.random.Generator) -> None:
        """Set every parameter and statistic to what training starts from, layer after layer."""
        for layer in self.layers:
            layer.initialise(rng)

    def like(self, input_shape: Shape | None = None) -> "Network":
        """Return a network of such layers, every number in it 0, for these inputs or others.

        Raises:
            ValueError: if the input is too small for a layer.
        """
        return Network(
            [type(layer)(**layer.options()) for layer in self.layers],
            input_shape=input_shape or self.input_shape,
            dtype=self.vector.dtype,
        )

    def copy(self, input_shape: Shape | None = None) -> "Network":
        """Return one with the same numbers, for these inputs or, if none is `Dense`, for others."""
        copy = self.like(input_shape)
        for array, same in zip(copy.arrays().values(), self.arrays().values(), strict=True):
            array[...] = same
        return copy

    def arrays(self) -> dict[str, Array]:
        """Return every parameter and statistic by name, ``"<layer's index>.<name>"``."""
        return {
            f"{index}.{name}": array
            for index, layer in enumerate(self.layers)
            for name, array in (*layer.parameters.items(), *layer.statistics.items())
        }

    def forward(self, x: Array) -> tuple[Array, list[Any]]:
        """Return the logits (N, outputs) for x (N, 28, 28, 1), and what `backward` needs.

        Raises:
            ValueError: if a layer was made for another shape than reaches it.
        """
        caches: list[Any] = []
        for layer in self._fast:
            x, cache = layer.forward(x)
            caches.append(cache)
        return x, caches

    def backward(
        self, dlogits: Array, caches: list[Any], *, input_gradient: bool = False
    ) -> tuple[Array | None, list[dict[str, Array]]]:
        """Return (dx, the gradients of each layer's parameters); dx is None unless asked for.

        Raises:
            ValueError: if ``dlogits`` has another shape than the logits.
        """
        grads: list[dict[str, Array]] = []
        dy: Array | None = dlogits
        for index in range(len(self.layers) - 1, -1, -1):
            assert dy is not None  # it was asked for
            dy, layer_grads = self._fast[index].backward(
                dy, caches[index], input_gradient=index > 0 or input_gradient
            )
            grads.append(layer_grads)
        return dy, grads[::-1]

    def gradient_vector(self, grads: Sequence[dict[str, Array]], out: Array | None = None) -> Array:
        """Return gradients from `backward` as one vector, in the order of ``vector``.

        It is new memory, or ``out`` if that is given.

        Raises:
            ValueError: if a gradient's shape is not its parameter's.
        """
        parts = []
        for layer, layer_grads in zip(self.layers, grads, strict=True):
            for name, parameter in layer.parameters.items():
                gradient = layer_grads[name]
                if gradient.shape != parameter.shape:
                    raise ValueError(
                        f"the gradient of {name} of {layer} has shape {gradient.shape}, "
                        f"the parameter {parameter.shape}"
                    )
                parts.append(gradient.ravel())
        return np.concatenate([np.empty(0, self.vector.dtype), *parts], out=out)

    def predict(self, x: Array) -> Array:
        """Return the logits (N, outputs) of a trained network for frames x (N, 28, 28, 1).

        Raises:
            ValueError: if x is not a batch of pictures of the network's input shape.
        """
        if x.shape[1:] != self.input_shape:
            raise ValueError(f"frames have shape {x.shape}, expected (N, *{self.input_shape})")
        logits = np.empty((len(x), *self.shapes[-1]), x.dtype)
        for start in range(0, len(x), _CHUNK):
            activation = x[start : start + _CHUNK]
            for layer in self._fast:
                activation = layer.predict(activation)
            logits[start : start + _CHUNK] = activation
        return logits

    def measure_statistics(self, frames: Array) -> None:
        """Measure the statistics that batch normalisation predicts with, layer after layer.

        Each layer's statistics are those of the whole of ``frames`` (N, 28, 28, 1), after the
        layers before it have theirs ("precise" statistics: Wu and Johnson 2021, "Rethinking
        'batch' in BatchNorm", section 3). A few thousand training frames are enough.
        """
        activation = frames
        for layer in self._fast:
            layer.measure_statistics(activation)
            chunks = range(0, len(frames), _CHUNK)
            activation = np.concatenate(
                [layer.predict(activation[start : start + _CHUNK]) for start in chunks]
            )

    def folded(self) -> "Network":
        """Return a network of its own that predicts the same, batch normalisation made constants.

        Its numbers cannot be changed, so it is its own folded network.

        Behind a convolution or a dense layer, a * (x w + b) + c is a layer with weights a w and
        bias a b + c. So it is behind a pool of that, if a > 0: what is largest stays largest.
        Elsewhere the layer stays, frozen.
        """
        if not self.vector.flags.writeable:
            return self
        folded: list[tuple[Layer, dict[str, Array], dict[str, Array]]] = []
        for layer in self.layers:
            if isinstance(layer, BatchNorm):
                a, c = layer.scale_and_shift()
                pooled = len(folded) > 1 and isinstance(folded[-1][0], MaxPool2D) and (a > 0).all()
                at = -2 if pooled else -1
                before, parameters, _ = folded[at] if folded else (None, {}, {})
                if isinstance(before, Conv2D | Dense):
                    parameters = {
                        "weights": parameters["weights"] * a,
                        "bias": parameters.get("bias", 0) * a + c,
                    }
                    options = before.options()
                    if isinstance(before, Conv2D):
                        options["bias"] = True
                    folded[at] = (type(before)(**options), parameters, {})
                    continue
            options = layer.options()
            if isinstance(layer, BatchNorm):
                options["frozen"] = True
            folded.append((type(layer)(**options), layer.parameters, layer.statistics))
        network = Network(
            [layer for layer, _, _ in folded],
            input_shape=self.input_shape,
            dtype=self.vector.dtype,
        )
        for layer, parameters, statistics in folded:
            for name, array in parameters.items():
                layer.parameters[name][...] = array
            for name, array in statistics.items():
                layer.statistics[name][...] = array
        for array in (network.vector, *network.arrays().values()):
            array.flags.writeable = False
        return network

    def multiply_adds(self) -> int:
        """Return the multiply-adds of one frame's forward pass in convolutions and dense layers."""
        total = 0
        for layer, shape in zip(self.layers, self.shapes, strict=True):
            if "weights" in layer.parameters:
                positions = shape[0] * shape[1] if len(shape) == 3 else 1
                total += positions * layer.parameters["weights"].size
        return total
