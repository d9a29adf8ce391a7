"""A network is a list of layers, one after the other."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from model.nn.fast import conv_pool
from model.nn.layers import Array, BatchNorm, Conv2D, Dense, Layer, MaxPool2D, Shape, moments

FRAME_SHAPE: Shape = (28, 28, 1)
_CHUNK = 64  # images that `predict` takes at a time: their activations stay in the cache


class Network:
    """Layers in order, their parameters side by side in one vector.

    ``vector`` (1-D, the network's dtype) holds every trained number; each layer's parameters are
    views of it. So an optimizer, an average of weights and a checkpoint are one array each.
    ``shapes`` has the output shape behind each layer, N apart.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        rng: np.random.Generator,
        *,
        input_shape: Shape = FRAME_SHAPE,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.layers = tuple(layers)
        self.input_shape = input_shape
        self.shapes: list[Shape] = []
        shape = input_shape
        for layer in self.layers:
            shape = layer.build(shape, rng, dtype)
            self.shapes.append(shape)
        self._pooled_at_once = conv_pool.fits(self.layers, input_shape)
        size = sum(array.size for _, _, array in self._parameters())
        self.vector: Array = np.empty(size, dtype)
        start = 0
        for layer, name, array in list(self._parameters()):
            view = self.vector[start : start + array.size].reshape(array.shape)
            view[...] = array
            layer.parameters[name] = view
            start += array.size

    def _parameters(self) -> Iterator[tuple[Layer, str, Array]]:
        for layer in self.layers:
            for name, array in layer.parameters.items():
                yield layer, name, array

    def arrays(self) -> dict[str, Array]:
        """Return every parameter and statistic by name, ``"<layer's index>.<name>"``."""
        return {
            f"{index}.{name}": array
            for index, layer in enumerate(self.layers)
            for name, array in (*layer.parameters.items(), *layer.statistics.items())
        }

    def forward(self, x: Array) -> tuple[Array, list[Any]]:
        """Return the logits (N, outputs) and what `backward` needs."""
        caches: list[Any] = []
        if self._pooled_at_once:
            x, pooled = conv_pool.forward(x, self.layers[0].parameters["weights"])
            caches += [pooled, None]
        for layer in self.layers[len(caches) :]:
            x, cache = layer.forward(x)
            caches.append(cache)
        return x, caches

    def backward(
        self, dlogits: Array, caches: list[Any], *, input_gradient: bool = False
    ) -> tuple[Array | None, list[dict[str, Array]]]:
        """Return (dx, the gradients of each layer's parameters); dx is None unless asked for."""
        grads: list[dict[str, Array]] = []
        dy: Array | None = dlogits
        for index in range(len(self.layers) - 1, -1, -1):
            assert dy is not None
            if index == 1 and self._pooled_at_once:
                dy, dweights = conv_pool.backward(dy, caches[0], input_gradient=input_gradient)
                grads += [{}, {"weights": dweights}]
                break
            dy, layer_grads = self.layers[index].backward(
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
            for layer in self.layers:
                activation = layer.predict(activation)
            logits[start : start + _CHUNK] = activation
        return logits

    def calibrate(self, frames: Array) -> None:
        """Measure the statistics that batch normalisation predicts with, layer after layer.

        Each layer's statistics are those of the whole of ``frames`` (N, 28, 28, 1), after the
        layers before it have theirs ("precise" statistics: Wu and Johnson 2021, "Rethinking
        'batch' in BatchNorm", section 3). A few thousand training frames are enough.
        """
        activation = frames
        for layer in self.layers:
            if isinstance(layer, BatchNorm):
                mean, variance = moments(activation)
                layer.statistics = {"mean": mean, "variance": variance}
            chunks = range(0, len(frames), _CHUNK)
            activation = np.concatenate(
                [layer.predict(activation[start : start + _CHUNK]) for start in chunks]
            )

    def folded(self) -> "Network":
        """Return a network that predicts the same, batch normalisation turned into constants.

        Behind a convolution or a dense layer, a * (x w + b) + c is a layer with weights a w and
        bias a b + c. So it is behind a pool of that, if a > 0: what is largest stays largest.
        Elsewhere the layer stays, frozen.
        """
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
            np.random.default_rng(0),  # the values drawn are replaced at once
            input_shape=self.input_shape,
            dtype=self.vector.dtype,
        )
        for layer, parameters, statistics in folded:
            for name, array in parameters.items():
                layer.parameters[name][...] = array
            for name, array in statistics.items():
                layer.statistics[name] = array.copy()
        return network

    def multiply_adds(self) -> int:
        """Return the multiply-adds of one frame's forward pass in convolutions and dense layers."""
        total = 0
        for layer, shape in zip(self.layers, self.shapes, strict=True):
            if "weights" in layer.parameters:
                positions = shape[0] * shape[1] if len(shape) == 3 else 1
                total += positions * layer.parameters["weights"].size
        return total
