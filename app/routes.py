"""The endpoints, each a line per step."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app import schemas
from app.containers import Container
from app.inputs import read_drawing
from app.intake import json_response, take_in
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
    content = await _work_on_drawing(request, partial(read, detail=detail))
    service: Service = request.app.state.service
    service.metrics.reading(content["digit"], content["verdict"], content["confidence"])
    return json_response(content)


@router.post(
    "/explain",
    summary="Explain the reading of a drawing",
    response_model=schemas.Explanation,
    responses=DRAWING_PROBLEMS,
    openapi_extra=DRAWING_BODY,
)
async def explanation(request: Request) -> Response:
    """One drawing in; out: what the first layer saw, and what spoke for and against the reading."""
    return json_response(await _work_on_drawing(request, explain))


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
    return json_response({"digest": recognizer.digest, "labels": labels, "about": recognizer.about})


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
    service.check_ready()
    return Response(b'{"status":"ready"}', media_type="application/json")


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Counters and histograms in the text format of Prometheus."""
    service: Service = request.app.state.service
    return Response(service.metrics.exposition(), media_type=CONTENT_TYPE)


async def _work_on_drawing(
    request: Request, work: Callable[[Recognizer, "Drawing", Settings], Answer]
) -> dict[str, Any]:
    """Receive a drawing and do the work on it, at once if it is small, else in a thread."""
    intake = await take_in(request)
    settings = intake.service.settings

    def parse_and_work() -> Answer:
        return work(intake.recognizer, parse(), settings)

    def parse() -> "Drawing":
        return read_drawing(intake.content_type, intake.body, settings)

    if len(intake.body) > settings.inline_bytes:
        answer = await intake.work(parse_and_work, large=True)
    else:
        drawing = parse()
        large = _pixels(drawing) > settings.inline_pixels
        answer = await intake.work(partial(work, intake.recognizer, drawing, settings), large=large)
    intake.service.metrics.steps(answer.timings)
    request.scope["timings"] = answer.timings
    return answer.content


def _pixels(drawing: "Drawing") -> int:
    return drawing.size if isinstance(drawing, np.ndarray) else drawing.width * drawing.height
