"""The Open Inference protocol (KServe V2, REST), for those who have a client of it.

https://github.com/kserve/open-inference-protocol: tensors in, tensors out, errors as
``{"error": "..."}``. One model, ``digits``; its input ``image`` is either FP32 frames
[N, 28, 28, 1] as the network takes them (ink +0.5, paper -0.5), or UINT8 drawings [N, H, W, 1]
(255 is ink) from 28 x 28 on, which are framed as those of POST /predict.
"""

import math
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.api import schemas
from app.api.answer import DECIMALS, verdict_of
from app.api.intake import json_response, key_for_all, take_in
from app.api.openapi import INFERENCE_BODY, INFERENCE_PROBLEMS, inference_problems
from app.drawings.inputs import parse_json
from app.errors import Problem
from app.service import Service
from app.settings import Settings
from model.frame.preprocess import FRAME, EmptyDrawing, frame_drawing
from model.nn.layers import Array
from model.recognizer import DIGITS, Reading, Recognizer

MODEL = "digits"
INPUT = "image"
_DATA = "#/inputs/0/data"
_SHAPE = "#/inputs/0/shape"

router = APIRouter(prefix="/v2", tags=["Open Inference"])


@router.get(
    "",
    summary="Server metadata",
    response_model=schemas.ServerMetadata,
    responses=inference_problems("missing-key"),
    dependencies=[Depends(key_for_all)],
)
async def server_metadata(request: Request) -> Response:
    """Name and version of the service."""
    return json_response({"name": "digits", "version": request.app.version, "extensions": []})


@router.get("/health/live", summary="Server live", response_model=schemas.Live)
async def server_live() -> Response:
    """Answer while the process runs; does no work."""
    return json_response({"live": True})


@router.get(
    "/health/ready",
    summary="Server ready",
    response_model=schemas.Ready,
    responses=inference_problems("not-ready"),
)
async def server_ready(request: Request) -> Response:
    """Tell as /readyz does whether drawings can be read."""
    service: Service = request.app.state.service
    service.check_ready()
    return json_response({"ready": True})


@router.get(
    f"/models/{MODEL}/ready",
    summary="Model ready",
    response_model=schemas.ModelReady,
    responses=inference_problems("not-ready"),
)
async def model_ready(request: Request) -> Response:
    """Tell as /readyz does whether drawings can be read."""
    service: Service = request.app.state.service
    service.check_ready()
    return json_response({"name": MODEL, "ready": True})


@router.get(
    f"/models/{MODEL}",
    summary="Model metadata",
    response_model=schemas.ModelMetadata,
    responses=inference_problems("missing-key", "not-ready"),
    dependencies=[Depends(key_for_all)],
)
async def model_metadata(request: Request) -> Response:
    """The tensors that go in and come out; `is_digit` only if the network can tell."""
    service: Service = request.app.state.service
    return json_response(
        {
            "name": MODEL,
            "versions": [service.ready().digest],
            "platform": "numpy",
            "inputs": [{"name": INPUT, "datatype": "FP32", "shape": [-1, FRAME, FRAME, 1]}],
            "outputs": [
                {"name": "probabilities", "datatype": "FP32", "shape": [-1, DIGITS]},
                {"name": "is_digit", "datatype": "FP32", "shape": [-1]},
            ],
        }
    )


@router.post(
    f"/models/{MODEL}/infer",
    summary="Read drawings",
    response_model=schemas.InferenceResponse,
    responses=INFERENCE_PROBLEMS,
    openapi_extra=INFERENCE_BODY,
)
async def infer(request: Request) -> Response:
    """Tensors of N drawings in, their probabilities out."""
    intake = await take_in(request)
    media_type = intake.content_type.partition(b";")[0].strip().lower()
    if media_type not in (b"application/json", b""):  # clients of the protocol may send none
        raise Problem(
            "unsupported-type", "Send the tensors as JSON, Content-Type application/json."
        )
    settings = intake.service.settings
    work = partial(_infer, intake.recognizer, intake.body, settings)
    content, reading = await intake.work(work, large=len(intake.body) > settings.inline_bytes)
    for index, row in enumerate(reading.probabilities):
        is_digit = None if reading.is_digit is None else float(reading.is_digit[index])
        confidence = float(row.max())
        verdict = verdict_of(confidence, is_digit, settings)
        intake.service.metrics.reading(int(row.argmax()), verdict, confidence)
    return json_response(content)


def _infer(
    recognizer: Recognizer, body: bytes, settings: Settings
) -> tuple[dict[str, Any], Reading]:
    request = parse_json(body)
    if not isinstance(request, dict):
        raise Problem("invalid", "The body must be a JSON object with `inputs`.", pointer="#")
    reading = recognizer.read(_frames(request.get("inputs"), settings))
    tensors = {"probabilities": reading.probabilities}
    if reading.is_digit is not None:
        tensors["is_digit"] = reading.is_digit
    wanted = _wanted(request.get("outputs"), tensors)
    content: dict[str, Any] = {"model_name": MODEL, "model_version": recognizer.digest}
    identity = request.get("id")
    if isinstance(identity, str) and len(identity) <= 64:
        content["id"] = identity
    content["outputs"] = [
        {
            "name": name,
            "datatype": "FP32",
            "shape": list(tensors[name].shape),
            "data": tensors[name].round(DECIMALS).ravel().tolist(),
        }
        for name in wanted
    ]
    return content, reading


def _wanted(outputs: Any, tensors: dict[str, Array]) -> list[str]:
    if outputs is None:
        return list(tensors)
    try:
        names = [output["name"] for output in outputs]
        known = bool(names) and len(names) <= len(tensors) and all(n in tensors for n in names)
    except (TypeError, KeyError, IndexError):
        known = False
    if not known:
        detail = f"`outputs` must name some of {', '.join(tensors)}, each once, or be left out."
        raise Problem("invalid", detail, pointer="#/outputs")
    return names


def _frames(inputs: Any, settings: Settings) -> Array:
    """Return the input tensor as frames, float32 (N, 28, 28, 1)."""
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
            try:
                drawings = values[..., 0].astype(np.uint8)
                return np.stack([frame_drawing(drawing).frame for drawing in drawings])
            except EmptyDrawing as error:
                raise Problem("empty-drawing", str(error), pointer=_DATA) from None
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
    ):
        detail = (
            f"`shape` must be [N, height, width, 1] with N from 1 to {settings.batch}, "
            f"height and width {FRAME} or more."
        )
        raise Problem("invalid", detail, pointer=_SHAPE)
    return tuple(shape)


def _values(data: Any, shape: tuple[int, ...]) -> Array:
    """Return flat or nested numbers as float64 of a shape; Problem for anything else."""
    try:
        # NumPy sees only numbers: of texts it would make an array as wide as the longest of them.
        values = np.array(data if _is_of_numbers(data) else [])
    except ValueError:  # rows of different lengths
        values = np.empty(0)
    if values.dtype.kind not in "iuf" or values.size != math.prod(shape):
        detail = f"`data` must be {math.prod(shape)} numbers, as `shape` says, flat or nested."
        raise Problem("invalid", detail, pointer=_DATA)
    return values.astype(np.float64).reshape(shape)


def _is_of_numbers(data: Any) -> bool:
    """Whether it is a list of numbers, or of such lists; `true` is no number, as it is to NumPy."""
    if not isinstance(data, list):
        return False
    while (kinds := set(map(type, data))) == {list}:
        data = list(chain.from_iterable(data))
    return kinds <= {int, float}
