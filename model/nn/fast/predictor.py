"""Prediction as fast as it goes: what `Network.predict` computes, in memory that is kept.

A single frame is so little work that calling functions and asking for memory would take as long
as the arithmetic. So the layers are turned once into a list of NumPy calls with all their
arguments, each of which writes to the same memory every time.
"""

import copy
import threading
from typing import Any

import numpy as np

from model.nn import fast
from model.nn.base import Array, Shape
from model.nn.fast.implementation import Implementation, Step
from model.nn.fast.workspace import Workspace, empty, own_memory
from model.nn.network import Network, shapes_through

CHUNK = 16
"""How many frames of a batch are taken at a time: with 5 MB, which a thread keeps."""
_BATCH = 6  # fewer frames are faster one by one
_ROOM = 8 << 20  # bytes; what no plan needs of it is never touched, and costs nothing
_of_thread = threading.local()


def _blocks() -> tuple[Workspace, Workspace]:
    """Return the memory that all predictors of this thread use, one after the other.

    There are two blocks, in turn: a layer reads from one what the last one wrote there, and
    writes to the other.
    """
    blocks: tuple[Workspace, Workspace] | None = getattr(_of_thread, "blocks", None)
    if blocks is None:
        blocks = _of_thread.blocks = Workspace(_ROOM), Workspace(_ROOM)
    return blocks


class Predictor:
    """Predicts with a trained network as it is now; threads may share it.

    It keeps a copy of the network's numbers, prepared for the layers' fastest ways. If the network
    is trained on, this predictor goes on with the old ones: the new ones need a new predictor.
    """

    def __init__(self, network: Network) -> None:
        folded = network.folded()
        self._dtype = folded.vector.dtype
        self._layers = [fast.implementation(layer) for layer in folded.layers]
        for layer in self._layers:
            layer.fix()
        self._set_shape(folded.input_shape)

    def _set_shape(self, input_shape: Shape) -> None:
        self._input_shape = input_shape
        layers = [layer.layer for layer in self._layers]
        *_, (_, _, self._output_shape) = shapes_through(layers, input_shape)
        self._of_thread = threading.local()

    def for_shape(self, input_shape: Shape) -> "Predictor":
        """Return a predictor for inputs of another shape, (H, W, C), which shares these numbers.

        Raises:
            ValueError: if the input is too small for a layer.
        """
        other = copy.copy(self)
        other._set_shape(input_shape)
        return other

    def __call__(self, frames: Array) -> Array:
        """Return the logits (N, outputs) of frames (N, 28, 28, 1), as `Network.predict` does.

        A network for inputs of another shape takes those.

        Raises:
            ValueError: if the frames have another shape.
        """
        if frames.shape[1:] != self._input_shape:
            raise ValueError(
                f"frames have shape {frames.shape}, expected (N, *{self._input_shape})"
            )
        logits = np.empty((len(frames), *self._output_shape), frames.dtype)
        for start in range(0, len(frames), CHUNK):
            chunk = frames[start : start + CHUNK]
            predict = self._one_by_one if len(chunk) < _BATCH else self._together
            logits[start : start + CHUNK] = predict(chunk)
        return logits

    def _one_by_one(self, frames: Array) -> Array:
        plan: _Plan | None = getattr(self._of_thread, "plan", None)
        if plan is None:
            plan = self._of_thread.plan = _Plan(self._layers, self._input_shape, self._dtype)
        return np.concatenate([plan.run(frame) for frame in frames])

    def _together(self, x: Array) -> Array:
        blocks = _blocks()
        for index, layer in enumerate(self._layers):
            with blocks[index % 2].reused():
                x = layer.predict(x)
        return x


class _Plan:
    """The steps for one frame through fixed layers: for one thread, in whose memory they go."""

    def __init__(
        self, layers: list[Implementation[Any]], input_shape: Shape, dtype: np.dtype[Any]
    ) -> None:
        self._steps: list[Step] = []
        with own_memory():
            self._frame = x = empty((1, *input_shape), dtype)
        free, taken = _blocks()
        for layer in layers:
            with free.reused():
                y, steps = layer.plan(x)
            self._steps += steps
            if y is not x:  # else it is computed where x lies
                free, taken = taken, free
            x = y
        self._output = x

    def run(self, frame: Array) -> Array:
        self._frame[...] = frame
        for step in self._steps:
            step()
        return self._output.copy()
