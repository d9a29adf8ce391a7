"""Prediction as fast as it goes: what `Network.predict` computes, in memory that is kept.

A single frame is so little work that calling functions and asking for memory would take as long
as the arithmetic. So the layers are turned once into a list of NumPy calls with all their
arguments, each of which writes to the same memory every time.
"""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from model.nn.base import pair
from model.nn.fast import winograd
from model.nn.fast.matmul import by_rows
from model.nn.fast.windows import windows
from model.nn.fast.workspace import Workspace
from model.nn.layers import Array, BatchNorm, Conv2D, Dense, Layer, MaxPool2D, ReLU
from model.nn.network import Network

Step = Callable[[], Any]

CHUNK = 16
"""How many frames of a batch are taken at a time: with 5 MB, which a thread keeps."""
_BATCH = 4  # fewer frames are faster one by one


class Predictor:
    """Predicts with a trained network, which must not change afterwards. Threads may share it."""

    def __init__(self, network: Network) -> None:
        self._network = network.folded()
        for layer, shape in zip(self._network.layers, self._network.shapes, strict=True):
            if isinstance(layer, Conv2D):
                layer.fix(shape)
        self._of_thread = threading.local()

    def __call__(self, frames: Array) -> Array:
        """Return the logits (N, outputs) of frames (N, 28, 28, 1), as `Network.predict` does.

        Raises:
            ValueError: if the frames have another shape.
        """
        network = self._network
        if len(frames) == 0 or frames.shape[1:] != network.input_shape:
            return network.predict(frames)
        logits = np.empty((len(frames), *network.shapes[-1]), frames.dtype)
        for start in range(0, len(frames), CHUNK):
            chunk = frames[start : start + CHUNK]
            predict = self._one_by_one if len(chunk) < _BATCH else self._together
            logits[start : start + CHUNK] = predict(chunk)
        return logits

    def _one_by_one(self, frames: Array) -> Array:
        plan: _Plan | None = getattr(self._of_thread, "plan", None)
        if plan is None:
            plan = self._of_thread.plan = _Plan(self._network)
        return np.concatenate([plan.run(frame) for frame in frames])

    def _together(self, x: Array) -> Array:
        # Two blocks of memory in turn: a layer reads from one what the last one wrote there, and
        # writes to the other.
        workspaces: list[Workspace] | None = getattr(self._of_thread, "workspaces", None)
        if workspaces is None:
            workspaces = self._of_thread.workspaces = [Workspace(), Workspace()]
        for index, layer in enumerate(self._network.layers):
            with workspaces[index % 2].reused():
                x = layer.predict(x)
        return x


class _Plan:
    """The steps for one frame, and the memory that they write to: for one thread."""

    def __init__(self, network: Network) -> None:
        self._steps: list[Step] = []
        self._dtype = network.vector.dtype
        layers = network.layers
        self._input = x = self._with_margin((1, *network.input_shape), layers)
        for index, layer in enumerate(layers):
            x = self._plan(layer, x, (1, *network.shapes[index]), layers[index + 1 :])
        self._output = x

    def run(self, frame: Array) -> Array:
        self._input[...] = frame
        for step in self._steps:
            step()
        return self._output.copy()

    def _with_margin(self, shape: tuple[int, ...], following: Sequence[Layer]) -> Array:
        """Return memory for x of ``shape``, inside the zeros that the next convolution pads."""
        reshaping = (layer for layer in following if not isinstance(layer, BatchNorm | ReLU))
        layer = next(reshaping, None)
        # Winograd's method needs no zeros around the picture.
        margin = layer.padding if isinstance(layer, Conv2D) and layer.kernels is None else 0
        if margin == 0:
            return np.empty(shape, self._dtype)
        n, height, width, channels = shape
        down, across = pair(margin)
        whole = np.zeros((n, height + 2 * down, width + 2 * across, channels), self._dtype)
        return whole[:, down : down + height, across : across + width]

    def _plan(
        self, layer: Layer, x: Array, shape: tuple[int, ...], following: Sequence[Layer]
    ) -> Array:
        """Add the steps of a layer on x; return where its output of ``shape`` will stand."""
        call = self._steps.append
        if isinstance(layer, ReLU):
            # A second array of zeros, because NumPy takes twice as long with a single number.
            call(partial(np.maximum, x, np.zeros(shape, self._dtype), out=x))
            return x
        if isinstance(layer, BatchNorm):
            a, b = (np.broadcast_to(v, shape).copy() for v in layer.scale_and_shift())
            call(partial(np.multiply, x, a, out=x))
            call(partial(np.add, x, b, out=x))
            return x
        if isinstance(layer, Dense):
            # Two rows, one of zeros: a single one BLAS multiplies in another way, which adds up in
            # another order, and a frame is to be read alike to the last digit, alone or in a batch.
            rows = np.zeros((2, x.size), self._dtype)
            call(partial(np.copyto, rows[:1], x.reshape(1, -1)))
            y = np.empty((2, *shape[1:]), self._dtype)
            self._plan_product(rows, layer, y)
            return y[:1]
        y = self._with_margin(shape, following)
        if isinstance(layer, MaxPool2D):
            self._plan_pool(layer, x, y)
        elif isinstance(layer, Conv2D) and layer.kernels is not None:
            product = y if y.flags.c_contiguous else np.empty(y.shape, self._dtype)
            for factors in winograd.products(x, layer.kernels, layer.padding, product):
                call(partial(np.matmul, *factors))
            self._plan_bias(product, layer, y)
        elif isinstance(layer, Conv2D):
            whole = x if x.base is None else x.base  # with the zeros around it
            cut = windows(whole, layer.kernel, layer.stride)
            columns = np.empty(cut.shape, self._dtype)
            call(partial(np.copyto, columns, cut))
            self._plan_product(columns.reshape(y.shape[1] * y.shape[2], -1), layer, y)
        else:
            call(lambda: np.copyto(y, layer.predict(x)))
        return y

    def _plan_product(self, rows: Array, layer: Conv2D | Dense, y: Array) -> None:
        weights = layer.parameters["weights"].reshape(rows.shape[1], -1)
        product = y if y.flags.c_contiguous else np.empty(y.shape, self._dtype)
        factors = by_rows(rows, weights, product.reshape(len(rows), -1))
        self._steps.append(partial(np.matmul, *factors))
        self._plan_bias(product, layer, y)

    def _plan_bias(self, product: Array, layer: Conv2D | Dense, y: Array) -> None:
        # The bias stands ready for every pixel: one long addition.
        bias = np.zeros(y.shape, self._dtype) + layer.parameters.get("bias", 0)
        self._steps.append(partial(np.add, product, bias, out=y))

    def _plan_pool(self, layer: MaxPool2D, x: Array, y: Array) -> None:
        (down, across), (_, rows, columns, channels) = pair(layer.size), y.shape
        x = x[:, : rows * down, : columns * across]
        tallest = np.empty((1, rows, columns * across, channels), self._dtype)
        for target, parts in (
            (tallest, [x[:, i::down] for i in range(down)]),
            (y, [tallest[:, :, i::across] for i in range(across)]),
        ):
            if len(parts) == 1:
                self._steps.append(partial(np.copyto, target, parts[0]))
                continue
            self._steps.append(partial(np.maximum, parts[0], parts[1], out=target))
            for part in parts[2:]:
                self._steps.append(partial(np.maximum, target, part, out=target))
