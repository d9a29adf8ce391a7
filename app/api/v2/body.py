"""An inference request -> drawings; what was read in them -> the answer."""

import math
from typing import Any, NamedTuple

import numpy as np

from app.api.answer import DECIMALS
from app.api.v2.binary import DTYPES, array_of_bytes
from app.drawings.inputs import parse_json
from app.drawings.pixels import array_of
from app.errors import Problem
from app.settings import Settings
from model.frame.preprocess import FRAME, EmptyDrawing, frame_drawing
from model.nn.base import Array
from model.recognizer import Reading, Recognizer

MODEL = "digits"
INPUT = "image"


class Asked(NamedTuple):
    """What an inference request asks.

    images: N drawings, uint8 (N, H, W), 255 ink, or N frames, float32 (N, 28, 28, 1);
    outputs: what the request says of them, not checked yet; binary: whether those are wanted in
    bytes of which it says nothing; id: the caller's own, if any.
    """

    images: Array
    outputs: Any
    binary: bool
    id: str | None


class Inferred(NamedTuple):
    """What is answered: content, JSON-able, and the bytes of the outputs wanted so; the reading."""

    content: dict[str, Any]
    tensors: list[bytes]
    reading: Reading


def parse(json: bytes, tensor: bytes, settings: Settings) -> Asked:
    """Return what a body asks: its JSON, and the bytes behind that.

    Raises Problem: 400 for what is no JSON, 413 for too much of it, 422 for a wrong tensor.
    """
    request = parse_json(json, settings, "fewer drawings, or their tensor in bytes")
    if not isinstance(request, dict):
        raise Problem("invalid", "The body must be a JSON object with `inputs`.")
    identity = request.get("id")
    known = isinstance(identity, str) and len(identity) <= 64
    images = _images(request.get("inputs"), tensor, settings)
    binary = _parameters(request).get("binary_data_output") is True
    return Asked(images, request.get("outputs"), binary, identity if known else None)


def infer(recognizer: Recognizer, asked: Asked) -> Inferred:
    """Read the drawings of a request. Raises Problem (422): an empty drawing, wrong outputs."""
    reading = recognizer.read(_frames(asked.images))
    values = {"probabilities": reading.probabilities}
    if reading.is_digit is not None:
        values["is_digit"] = reading.is_digit
    content: dict[str, Any] = {"model_name": MODEL, "model_version": recognizer.digest}
    if asked.id is not None:
        content["id"] = asked.id
    content["outputs"] = outputs = []
    tensors = []
    for name, binary in _wanted(asked, values).items():
        output: dict[str, Any] = {
            "name": name,
            "datatype": "FP32",
            "shape": list(values[name].shape),
        }
        if binary:
            tensors.append(values[name].astype(DTYPES["FP32"]).tobytes())
            output["parameters"] = {"binary_data_size": len(tensors[-1])}
        else:
            output["data"] = values[name].round(DECIMALS).ravel().tolist()
        outputs.append(output)
    return Inferred(content, tensors, reading)


def _frames(images: Array) -> Array:
    if images.ndim == 4:
        return images
    return np.stack([_frame(drawing, index) for index, drawing in enumerate(images)])


def _frame(drawing: Array, index: int) -> Array:
    try:
        return frame_drawing(drawing).frame
    except EmptyDrawing:
        detail = f"Drawing {index} is empty: UINT8 runs from 0 (paper) to 255 (ink)."
        raise Problem("empty-drawing", detail) from None


def _wanted(asked: Asked, values: dict[str, Array]) -> dict[str, bool]:
    """Return the names of the outputs that are wanted, and of each whether in bytes."""
    if asked.outputs is None:
        return dict.fromkeys(values, asked.binary)
    wanted: dict[str, bool] = {}
    for output in asked.outputs if isinstance(asked.outputs, list) else []:
        name = output.get("name") if isinstance(output, dict) else None
        if not isinstance(name, str) or name not in values or name in wanted:
            wanted.clear()
            break
        parameters = _parameters(output)
        if "classification" in parameters:
            detail = "Outputs are not sorted into classes here; take the largest `probabilities`."
            raise Problem("invalid", detail)
        wanted[name] = parameters.get("binary_data", asked.binary) is True
    if not wanted:
        detail = f"`outputs` must name some of {', '.join(values)}, each once, or be left out."
        raise Problem("invalid", detail)
    return wanted


def _parameters(holder: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a request, an input or an output; none where they are no object."""
    parameters = holder.get("parameters")
    return parameters if isinstance(parameters, dict) else {}


def _images(inputs: Any, data: bytes, settings: Settings) -> Array:
    """Return the input tensor as `Asked` has it; ``data``: what follows the JSON."""
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise Problem("invalid", "`inputs` must be a list of one tensor.")
    tensor = inputs[0]
    if tensor.get("name") != INPUT:
        detail = f"The input tensor must have the name {INPUT}."
        raise Problem("invalid", detail)
    datatype = tensor.get("datatype")
    if not isinstance(datatype, str) or datatype not in DTYPES:
        detail = f"`datatype` must be {' or '.join(DTYPES)}."
        raise Problem("invalid", detail)
    shape = _shape(tensor.get("shape"), settings)
    size = _parameters(tensor).get("binary_data_size")
    if size is None and not data:
        values = _values(tensor.get("data"), shape)
    elif "data" in tensor:
        detail = "`data` must be left out where the tensor follows the JSON in bytes."
        raise Problem("invalid", detail)
    else:
        values = array_of_bytes(data, size, datatype, shape)
    if datatype == "FP32":
        return _frames_of(values)
    if not ((values >= 0) & (values <= 255) & (values == np.rint(values))).all():
        detail = "UINT8 values must be whole numbers from 0 (paper) to 255 (ink)."
        raise Problem("invalid", detail)
    return values[..., 0].astype(np.uint8)


def _frames_of(values: Array) -> Array:
    if values.shape[1:] != (FRAME, FRAME, 1):
        detail = f"`shape` must be [N, {FRAME}, {FRAME}, 1] for FP32."
        raise Problem("invalid", detail)
    if not (np.abs(values) <= 0.5).all():  # NaN is not
        detail = "FP32 values must be from -0.5 (paper) to 0.5 (ink)."
        raise Problem("invalid", detail)
    return values.astype(np.float32)


def _shape(shape: Any, settings: Settings) -> tuple[int, ...]:
    if (
        not isinstance(shape, list)
        or len(shape) != 4
        or any(type(side) is not int for side in shape)
        or not 1 <= shape[0] <= settings.batch
        or min(shape[1:3]) < FRAME
        or shape[3] != 1
        or math.prod(shape) > settings.json_values
    ):
        detail = (
            f"`shape` must be [N, height, width, 1] with N from 1 to {settings.batch}, height and "
            f"width {FRAME} or more, and at most {settings.json_values} values in all."
        )
        raise Problem("invalid", detail)
    return tuple(shape)


def _values(data: Any, shape: tuple[int, ...]) -> Array:
    """Return flat or nested numbers as float64 of a shape; Problem for anything else."""
    values = array_of(data)
    if values is None or values.size != math.prod(shape):
        detail = f"`data` must be {math.prod(shape)} numbers, as `shape` says, flat or nested."
        raise Problem("invalid", detail)
    return values.astype(np.float64).reshape(shape)
