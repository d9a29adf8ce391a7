"""The endpoints, each a line per step."""

import hmac
import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app import schemas
from app.containers import Container
from app.errors import Problem
from app.inputs import read_body, read_drawing
from app.metrics import CONTENT_TYPE
from app.openapi import DRAWING_BODY, DRAWING_PROBLEMS, problems
from app.reading import Answer, explain, read
from app.service import Service
from app.settings import Settings
from model.recognizer import Recognizer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Drawing = Container | NDArray[np.uint8]

router = APIRouter()

Detail = Annotated[bool, Query(description="add the 28x28 frame that the network saw")]


@router.post(
    "/predict",
    summary="Read a drawing",
    response_model=schemas.Reading,
    response_model_exclude_unset=True,
    responses=DRAWING_PROBLEMS,
    openapi_extra=DRAWING_BODY,
)
async def predict(request: Request, detail: Detail = False) -> Response:
    """One drawing in, the digit and ten probabilities out.

    Dark on light and light on dark both work, at any size and anywhere in the picture.
    """
    service: Service = request.app.state.service
    answer = await _work_on_drawing(request, service, partial(read, detail=detail))
    content = answer.content
    service.metrics.reading(content["digit"], content["verdict"], content["confidence"])
    return _json(content)


@router.post(
    "/explain",
    summary="Explain the reading of a drawing",
    response_model=schemas.Explanation,
    responses=DRAWING_PROBLEMS,
    openapi_extra=DRAWING_BODY,
)
async def explanation(request: Request) -> Response:
    """One drawing in; out: what the first layer saw, and what spoke for and against the reading."""
    answer = await _work_on_drawing(request, request.app.state.service, explain)
    return _json(answer.content)


@router.get(
    "/model",
    summary="What is loaded",
    response_model=schemas.ModelInfo,
    responses=problems("not-ready"),
)
async def model(request: Request) -> Response:
    """The network that reads: architecture, digest, scores, labels."""
    service: Service = request.app.state.service
    recognizer = service.ready()
    labels = [str(digit) for digit in range(10)]
    return _json({"digest": recognizer.digest, "labels": labels, "about": recognizer.about})


@router.get("/livez", summary="Alive", response_model=schemas.Health)
async def alive() -> Response:
    """Answer while the process runs; does no work."""
    return Response(b'{"status":"alive"}', media_type="application/json")


@router.get(
    "/readyz",
    summary="Ready",
    response_model=schemas.Health,
    responses=problems("not-ready"),
)
async def ready(request: Request) -> Response:
    """503 until the weights are verified and have read a known digit, and while shutting down."""
    service: Service = request.app.state.service
    if service.draining:
        raise Problem("not-ready", "The service is shutting down.")
    service.ready()
    return Response(b'{"status":"ready"}', media_type="application/json")


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Counters and histograms in the text format of Prometheus."""
    service: Service = request.app.state.service
    return Response(service.metrics.exposition(), media_type=CONTENT_TYPE)


async def _work_on_drawing(
    request: Request,
    service: Service,
    work: Callable[[Recognizer, "Drawing", Settings], Answer],
) -> Answer:
    """Receive a drawing and do the work on it, at once if it is small, else in a thread."""
    settings = service.settings
    headers: dict[bytes, bytes] = dict(request.scope["headers"])
    check_key(headers, settings)
    service.admission.check()
    recognizer = service.ready()
    body = await read_body(request.receive, headers, settings)
    content_type = headers.get(b"content-type", b"")

    def everything() -> Answer:
        return work(recognizer, read_drawing(content_type, body, settings), settings)

    if len(body) > settings.inline_bytes:
        answer = await service.admission.in_thread(everything)
    else:
        drawing = read_drawing(content_type, body, settings)
        task = partial(work, recognizer, drawing, settings)
        if _pixels(drawing) > settings.inline_pixels:
            answer = await service.admission.in_thread(task)
        else:
            answer = await service.admission.soon(task)
    service.metrics.steps(answer.timings)
    request.scope["timings"] = answer.timings
    request.scope["digest"] = recognizer.digest
    return answer


def check_key(headers: dict[bytes, bytes], settings: Settings) -> None:
    """Raise Problem (401) unless the caller has the API key, where one is set."""
    if settings.api_key is None:
        return
    given = headers.get(b"authorization", b"")
    wanted = b"Bearer " + settings.api_key.get_secret_value().encode()
    if not hmac.compare_digest(given, wanted):  # as long for a near miss as for a far one
        detail = "Send the key as `Authorization: Bearer <key>`."
        raise Problem("missing-key", detail, headers={"WWW-Authenticate": "Bearer"})


def _pixels(drawing: "Drawing") -> int:
    if isinstance(drawing, Container):
        return drawing.width * drawing.height
    return drawing.size


def _json(content: dict[str, Any]) -> Response:
    """Answer what is JSON-able as it is, without a second pass of validation over it."""
    return Response(json.dumps(content, separators=(",", ":")), media_type="application/json")
