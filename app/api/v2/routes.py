"""The endpoints of the Open Inference protocol (KServe V2, REST), for clients that speak it.

https://github.com/kserve/open-inference-protocol: tensors in, tensors out, errors as
``{"error": "..."}``. One model, ``digits``; its input ``image`` is either FP32 frames
[N, 28, 28, 1] as the network takes them (ink +0.5, paper -0.5), or UINT8 drawings [N, H, W, 1]
(255 is ink) from 28 x 28 on, which are framed as those of POST /predict. Its one version is the
digest of the weights.
"""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from app.api.answer import verdict_of
from app.api.intake import INLINE_DRAWINGS, Intake, json_response, key_for_all, take_in
from app.api.openapi import OF_EVERY_BODY
from app.api.v2 import schemas
from app.api.v2.binary import EXTENSION, HEADER, MEDIA_TYPE, packed, split
from app.api.v2.body import INPUT, MODEL, infer, parse
from app.api.v2.errors import inference_problems
from app.drawings.inputs import called, media_type_of
from app.errors import Problem
from app.service import service_of
from model.frame.preprocess import FRAME
from model.recognizer import DIGITS

_TENSORS = "tensors as application/json"

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
    return json_response(
        {"name": "digits", "version": request.app.version, "extensions": [EXTENSION]}
    )


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
    service_of(request).check_ready()
    return json_response({"ready": True})


Version = Annotated[str, Path(description="digest of the weights, as the metadata have it")]
_VERSION = f"/models/{MODEL}/versions/{{version}}"


@router.get(
    f"/models/{MODEL}/ready",
    summary="Model ready",
    response_model=schemas.ModelReady,
    responses=inference_problems("not-ready"),
)
async def model_ready(request: Request) -> Response:
    """Tell as /readyz does whether drawings can be read."""
    service_of(request).check_ready()
    return json_response({"name": MODEL, "ready": True})


@router.get(
    f"{_VERSION}/ready",
    summary="Version ready",
    response_model=schemas.ModelReady,
    responses=inference_problems("not-found", "not-ready"),
)
async def version_ready(request: Request, version: Version) -> Response:
    """Tell whether drawings can be read with these weights."""
    answer = await model_ready(request)
    _check_version(request, version)
    return answer


@router.get(
    f"/models/{MODEL}",
    summary="Model metadata",
    response_model=schemas.ModelMetadata,
    responses=inference_problems("missing-key", "not-ready"),
    dependencies=[Depends(key_for_all)],
)
async def model_metadata(request: Request) -> Response:
    """The tensors that go in and come out; a network that cannot tell leaves `is_digit` out."""
    return json_response(
        {
            "name": MODEL,
            "versions": [service_of(request).ready().digest],
            "platform": "numpy",
            "inputs": [{"name": INPUT, "datatype": "FP32", "shape": [-1, FRAME, FRAME, 1]}],
            "outputs": [
                {"name": "probabilities", "datatype": "FP32", "shape": [-1, DIGITS]},
                {"name": "is_digit", "datatype": "FP32", "shape": [-1]},
            ],
        }
    )


@router.get(
    _VERSION,
    summary="Version metadata",
    response_model=schemas.ModelMetadata,
    responses=inference_problems("missing-key", "not-found", "not-ready"),
    dependencies=[Depends(key_for_all)],
)
async def version_metadata(request: Request, version: Version) -> Response:
    """The same, for these weights."""
    answer = await model_metadata(request)
    _check_version(request, version)
    return answer


@router.post(
    f"/models/{MODEL}/infer",
    summary="Read drawings",
    response_model=schemas.InferenceResponse,
    responses=inference_problems(*OF_EVERY_BODY),
    openapi_extra=schemas.INFERENCE_BODY,
)
async def inference(request: Request) -> Response:
    """Tensors of N drawings in, their probabilities out; in JSON, or in bytes behind it."""
    return await _infer(request, await take_in(request, _TENSORS))


@router.post(
    f"{_VERSION}/infer",
    summary="Read drawings with these weights",
    response_model=schemas.InferenceResponse,
    responses=inference_problems(*OF_EVERY_BODY, "not-found"),
    openapi_extra=schemas.INFERENCE_BODY,
)
async def version_inference(request: Request, version: Version) -> Response:
    """The same, if these weights are loaded."""
    intake = await take_in(request, _TENSORS)
    _check_version(request, version)
    return await _infer(request, intake)


async def _infer(request: Request, intake: Intake) -> Response:
    service, settings = intake.service, intake.service.settings
    media_type = media_type_of(intake.content_type)
    if media_type not in (
        "application/json",
        MEDIA_TYPE,
        "",
    ):  # clients of the protocol may send none
        detail = f"{called(media_type)} is not read here; send the tensors as application/json."
        raise Problem("unsupported-type", detail)
    json, tensor = split(intake.body, request.headers.get(HEADER))
    work = partial(parse, json, tensor, settings)
    asked = await intake.work(work, large=True) if len(json) > settings.inline_bytes else work()
    count = len(asked.images)
    content, tensors, reading = await intake.work(
        partial(infer, intake.recognizer, asked),
        large=count > INLINE_DRAWINGS or asked.images.size > settings.inline_pixels,
        drawings=count,
    )
    for index, row in enumerate(reading.probabilities):
        is_digit = None if reading.is_digit is None else float(reading.is_digit[index])
        confidence = float(row.max())
        verdict = verdict_of(confidence, is_digit, settings)
        service.metrics.reading(int(row.argmax()), verdict, confidence)
    return packed(content, tensors) if tensors else json_response(content)


def _check_version(request: Request, version: str) -> None:
    """Raise Problem (404) for other weights than those that are loaded."""
    loaded = service_of(request).ready().digest
    if version != loaded:
        detail = f"The loaded version is {loaded}; /v2/models/{MODEL} takes whichever is loaded."
        raise Problem("not-found", detail)
