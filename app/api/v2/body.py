"""The JSON of an inference request -> drawings; what was read in them -> the JSON of the answer."""

import math
from typing import Any, NamedTuple

import numpy as np

from app.api.answer import DECIMALS
from app.drawings.inputs import parse_json
from app.drawings.pixels import array_of
from app.errors import Problem
from app.settings import Settings
from model.frame.preprocess import FRAME, EmptyDrawing, frame_drawing
from model.nn.base import Array
from model.recognizer import Reading, Recognizer

MODEL = "digits"
INPUT = "image"
_DATA = "#/inputs/0/data"
_SHAPE = "#/inputs/0/shape"


class Asked(NamedTuple):
    """What an inference request asks.

    images: N drawings, uint8 (N, H, W), 255 ink, or N frames, float32 (N, 28, 28, 1);
    outputs: what the request says of them, not checked yet; id: the caller's own, if any.
    """

    images: Array
    outputs: Any
    id: str | None


def parse(body: bytes, settings: Settings) -> Asked:
    """Return what a body asks. Raises Problem: 400 for what is no JSON, 422 for a wrong tensor."""
    request = parse_json(body, settings, "fewer drawings")
    if not isinstance(request, dict):
        raise Problem("invalid", "The body must be a JSON object with `inputs`.", pointer="#")
    identity = request.get("id")
    known = isinstance(identity, str) and len(identity) <= 64
    images = _images(request.get("inputs"), settings)
    return Asked(images, request.get("outputs"), identity if known else None)


def infer(recognizer: Recognizer, asked: Asked) -> tuple[dict[str, Any], Reading]:
    """Read the drawings of a request. Returns what is answered, JSON-able, and what was read.

    Raises Problem (422) for an empty drawing and for wrong outputs.
    """
    reading = recognizer.read(_frames(asked.images))
    tensors = {"probabilities": reading.probabilities}
    if reading.is_digit is not None:
        tensors["is_digit"] = reading.is_digit
    content: dict[str, Any] = {"model_name": MODEL, "model_version": recognizer.digest}
    if asked.id is not None:
        content["id"] = asked.id
    content["outputs"] = [
        {
            "name": name,
            "datatype": "FP32",
            "shape": list(tensors[name].shape),
            "data": tensors[name].round(DECIMALS).ravel().tolist(),
        }
        for name in _wanted(asked.outputs, tensors)
    ]
    return content, reading


def _frames(images: Array) -> Array:
    if images.ndim == 4:
        return images
    return np.stack([_frame(drawing, index) for index, drawing in enumerate(images)])


def _frame(drawing: Array, index: int) -> Array:
    try:
        return frame_drawing(drawing).frame
    except EmptyDrawing:
        detail = f"Drawing {index} is empty: UINT8 runs from 0 (paper) to 255 (ink)."
        raise Problem("empty-drawing", detail, pointer=_DATA) from None


def _wanted(outputs: Any, tensors: dict[str, Array]) -> list[str]:
    if outputs is None:
        return list(tensors)
    try:
        names = [output["name"] for output in outputs]
        known = bool(names) and len(names) <= len(tensors) and all(n in tensors for n in names)
    except (TypeError, KeyError, IndexError):
        known = False
    if not known or len(set(names)) < len(names):
        detail = f"`outputs` must name some of {', '.join(tensors)}, each once, or be left out."
        raise Problem("invalid", detail, pointer="#/outputs")
    return names


def _images(inputs: Any, settings: Settings) -> Array:
    """Return the input tensor as `Asked` has it."""
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise Problem("invalid", "`inputs` must be a list of one tensor.", pointer="#/inputs")
    tensor = inputs[0]
    if tensor.get("name") != INPUT:
        detail = f"The input tensor must have the name {INPUT}."
        raise Problem("invalid", detail, pointer="#/inputs/0/name")
    shape = _shape(tensor.get("shape"), settings)
    values = _values(tensor.get("data"), shape)
    match tensor.get("datatype"):
        case "FP32":
            if shape[1:] != (FRAME, FRAME, 1):
                detail = f"`shape` must be [N, {FRAME}, {FRAME}, 1] for FP32."
                raise Problem("invalid", detail, pointer=_SHAPE)
            if not (np.abs(values) <= 0.5).all():
                detail = "FP32 values must be from -0.5 (paper) to 0.5 (ink)."
                raise Problem("invalid", detail, pointer=_DATA)
            return values.astype(np.float32)
        case "UINT8":
            if not ((values >= 0) & (values <= 255) & (values == np.rint(values))).all():
                detail = "UINT8 values must be whole numbers from 0 (paper) to 255 (ink)."
                raise Problem("invalid", detail, pointer=_DATA)
            return values[..., 0].astype(np.uint8)
    detail = "`datatype` must be FP32 or UINT8."
    raise Problem("invalid", detail, pointer="#/inputs/0/datatype")


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
        raise Problem("invalid", detail, pointer=_SHAPE)
    return tuple(shape)


def _values(data: Any, shape: tuple[int, ...]) -> Array:
    """Return flat or nested numbers as float64 of a shape; Problem for anything else."""
    values = array_of(data)
    if values is None or values.size != math.prod(shape):
        detail = f"`data` must be {math.prod(shape)} numbers, as `shape` says, flat or nested."
        raise Problem("invalid", detail, pointer=_DATA)
    return values.astype(np.float64).reshape(shape)
