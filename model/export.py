"""The network as an ONNX file, for whatever runs those: a phone, a browser, a model server.

What the file takes is a frame, as everywhere here: framing a drawing is not in it. What it gives is
what `model.recognizer` gives, calibrated. ONNX has channels before rows and columns, so filters and
the rows of the first dense layer are put in that order once, while writing.

The package `onnx` is imported where it is used, and nowhere else. Operators and their versions:
https://onnx.ai/onnx/operators/.
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.errors import CommandError
from model.files import write_whole
from model.nn.base import Array, Layer, Shape, pair
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU
from model.nn.network import FRAME_SHAPE, Network
from model.recognizer import DIGITS, Recognizer

if TYPE_CHECKING:
    import onnx

Dimensions = list[str | int]
"""Of an input or an output: a number, or the name of one that may be any."""
_OPSET, _IR_VERSION = 17, 9  # of 2022 and 2023: what is older reads neither, and we need no more


def export_onnx(recognizer: Recognizer, path: Path) -> None:
    """Write a recognizer as an ONNX file.

    Its input ``frames`` is float32 (N, 28, 28, 1), paper -0.5 to ink +0.5. Its outputs are
    ``probabilities``, float32 (N, 10), and ``is_digit``, float32 (N,), if the network can tell. Its
    metadata has the ``digest`` of the weights and says this too.

    Raises:
        CommandError: if the name does not end with .onnx, or the file cannot be written.
    """
    if path.suffix != ".onnx":
        raise CommandError(f"{path} does not end with .onnx, which is what is written")
    graph = _Graph(recognizer.network)
    outputs: dict[str, Dimensions] = {"probabilities": ["N", DIGITS]}
    notes = {
        "digest": recognizer.digest,
        "frames": "float32 (N, 28, 28, 1): paper -0.5, ink +0.5; the ink 20 pixels on its longest "
        "side, its centre of mass in the middle, as in MNIST",
        "probabilities": "float32 (N, 10): of the digits 0 to 9",
    }
    logits = graph.y
    if recognizer.network.shapes[-1] != (DIGITS,):
        logits, of_being_one = graph.split(graph.y, [DIGITS, 1])
        scale, offset = recognizer.is_digit_scale, recognizer.is_digit_offset
        flat = graph.add("Reshape", of_being_one, graph.constant(np.array([-1])))
        scaled = graph.add("Mul", flat, graph.constant(np.float32(scale)))
        shifted = graph.add("Add", scaled, graph.constant(np.float32(offset)))
        graph.add("Sigmoid", shifted, name="is_digit")
        outputs["is_digit"] = ["N"]
        notes["is_digit"] = "float32 (N,): the probability that a frame shows one digit at all"
    cooled = graph.add("Div", logits, graph.constant(np.float32(recognizer.temperature)))
    graph.add("Softmax", cooled, name="probabilities", axis=1)
    try:
        write_whole(path, graph.model(outputs, notes))
    except OSError as error:
        raise CommandError(f"{path} cannot be written ({error.strerror})") from None


def logits_onnx(network: Network) -> bytes:
    """Return an ONNX file of a network alone: ``frames`` (N, 28, 28, 1) in, ``logits`` out."""
    graph = _Graph(network)
    graph.add("Identity", graph.y, name="logits")
    return graph.model({"logits": ["N", *network.shapes[-1]]}, {})


class _Graph:
    """Operators one after the other, with their constants.

    Attributes:
        y: the name of the network's output.
    """

    def __init__(self, network: Network) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        shape = network.input_shape
        height, width, channels = shape
        assert shape == FRAME_SHAPE  # a network that reads digits
        order = self.constant(np.array([-1, channels, height, width]))
        self.y = self.add("Reshape", "frames", order)  # of one channel: it may stand anywhere
        for layer, output_shape in zip(network.layers, network.shapes, strict=True):
            self.y = self._layer(layer, self.y, shape)
            shape = output_shape

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Add an operator and return the name of its output."""
        from onnx import helper

        name = name or f"y{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def split(self, x: str, sizes: list[int]) -> list[str]:
        """Add an operator that cuts (N, sum of sizes) into columns; return their names."""
        from onnx import helper

        names = [f"{x}_{index}" for index in range(len(sizes))]
        lengths = self.constant(np.array(sizes))
        self._nodes.append(helper.make_node("Split", [x, lengths], names, axis=1))
        return names

    def constant(self, values: Array | np.float32) -> str:
        """Add a constant and return its name."""
        from onnx import numpy_helper

        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def model(self, outputs: dict[str, Dimensions], notes: dict[str, str]) -> bytes:
        """Return the file, checked."""
        import onnx
        from onnx import TensorProto, helper

        def value(name: str, shape: Dimensions) -> onnx.ValueInfoProto:
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

        graph = helper.make_graph(
            self._nodes,
            "digits",
            [value("frames", ["N", *FRAME_SHAPE])],
            [value(name, shape) for name, shape in outputs.items()],
            self._constants,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
            producer_name="digit-recognizer",
        )
        helper.set_model_props(model, notes)
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString()
        return content

    def _layer(self, layer: Layer, x: str, shape: Shape) -> str:
        """Add a layer whose input is (N, *shape), or (N, C, H, W) of it here."""
        match layer:
            case ReLU():
                return self.add("Relu", x)
            case MaxPool2D():
                sides = list(pair(layer.size))
                return self.add("MaxPool", x, kernel_shape=sides, strides=sides)
            case Conv2D():
                filters = layer.parameters["weights"].transpose(3, 2, 0, 1)  # F, C, K, K
                inputs = [x, self.constant(filters)]
                if layer.bias:
                    inputs.append(self.constant(layer.parameters["bias"]))
                strides, pads = pair(layer.stride), pair(layer.padding)
                return self.add("Conv", *inputs, strides=strides, pads=[*pads, *pads])
            case Dense():
                weights = layer.parameters["weights"]
                if len(shape) == 3:  # rows in the order of (H, W, C), which here is (C, H, W)
                    by_place = weights.reshape(*shape, -1).transpose(2, 0, 1, 3)
                    weights = by_place.reshape(math.prod(shape), -1)
                flat = self.add("Flatten", x)
                bias = self.constant(layer.parameters["bias"])
                return self.add("Gemm", flat, self.constant(weights), bias)
            case BatchNorm():
                aligned = (-1, 1, 1) if len(shape) == 3 else (-1,)
                scale, shift = (one.reshape(aligned) for one in layer.scale_and_shift())
                scaled = self.add("Mul", x, self.constant(scale))
                return self.add("Add", scaled, self.constant(shift))
            case _:
                raise CommandError(f"there is no ONNX for {layer} here")
