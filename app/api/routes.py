"""The endpoints, each a line per step."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app.api import schemas
from app.api.answer import (
    describe,
    empty_drawing,
    explain,
    first_answer,
    look,
    second_answer,
)
from app.api.batch import Answered, read_batch, sums
from app.api.intake import (
    INLINE_DRAWINGS,
    Intake,
    json_response,
    key_for_all,
    packed_response,
    take_in,
)
from app.api.number import read_number
from app.api.openapi import BATCH_BODY, DRAWING_BODY, DRAWING_PROBLEMS, OF_EVERY_BODY, problems
from app.drawings.inputs import Drawing, read_drawing
from app.drawings.several import SEVERAL_DRAWINGS, read_drawings
from app.errors import Problem
from app.notes import notes_of
from app.service import Service, service_of
from app.settings import Settings
from app.telemetry.metrics import CONTENT_TYPE
from model.number_reader import LONGEST
from model.second_look import worth_it

T = TypeVar("T")
Answering = Callable[[Request], Coroutine[Any, Any, Response]]


class DrawingRoute(APIRoute):
    """Calls its endpoint at once for a plain address and for the page's `?detail=true`.

    FastAPI validates every other query. To validate these two as well would add 4 % to the
    processor time of a reading.
    """

    def get_route_handler(self) -> Answering:
        """Return what answers a request."""
        validating = super().get_route_handler()
        at_once: dict[bytes, Answering] = {b"": self.endpoint}
        if any(option.alias == "detail" for option in self.dependant.query_params):
            at_once[b"detail=true"] = partial(self.endpoint, detail=True)

        async def answer(request: Request) -> Response:
            return await at_once.get(request.scope["query_string"], validating)(request)

        return answer


router = APIRouter(tags=["Service"])
drawings = APIRouter(route_class=DrawingRoute, tags=["Drawings"])

Detail = Annotated[bool, Query(description="add the 28x28 frame that the network saw")]


@drawings.post(
    "/predict",
    summary="Read a drawing",
    response_model=schemas.Prediction,
    response_model_exclude_unset=True,
    responses=DRAWING_PROBLEMS,
    openapi_extra=DRAWING_BODY,
)
async def predict(request: Request, detail: Detail = False) -> Response:
    """One drawing in, the digit and ten probabilities out.

    Dark on light and light on dark both work, at any size and anywhere in the picture.
    """
    intake = await take_in(request)
    service = intake.service
    decoded, framed, timings = await _work_on_drawing(intake, look)
    answer = None
    if framed is not None:
        reading, timings["infer"] = await service.batches.read(intake.recognizer, framed.frame)
        answer = first_answer(framed, reading, service.settings)
    if answer is None or worth_it(answer):
        again = partial(
            second_answer,
            intake.recognizer,
            intake.numbers,
            decoded.grey,
            answer,
            service.settings,
        )
        large = decoded.grey.size > service.settings.inline_pixels
        second, timings["second_look"] = await intake.work(again, large=large)
        answer = second or answer
    if answer is None:
        raise empty_drawing()
    content = describe(answer, decoded, detail=detail)
    service.metrics.reading(content["digit"], content["verdict"], content["confidence"])
    _note_timings(request, service, timings)
    return json_response(content)


@drawings.post(
    "/batch",
    summary="Read several drawings",
    response_model=schemas.Batch,
    response_model_exclude_unset=True,
    responses=problems(*OF_EVERY_BODY, "bad-form"),
    openapi_extra=BATCH_BODY,
)
async def batch(request: Request, detail: Detail = False) -> Response:
    """Up to 64 drawings in, for each of them in their order its reading or its problem out.

    They are read in one pass of the network, and together wait like as many drawings.
    """
    intake = await take_in(request, SEVERAL_DRAWINGS)
    service, settings = intake.service, intake.service.settings
    parse = partial(read_drawings, intake.content_type, intake.body, settings)
    large = len(intake.body) > settings.inline_bytes
    found = await intake.work(parse, large=True) if large else parse()
    good = [drawing for drawing in found if not isinstance(drawing, Problem)]
    pixels = sum(drawing.width * drawing.height for drawing in good)
    read = partial(read_batch, intake.recognizer, intake.numbers, found, detail, settings)

    def read_within_memory() -> list[Answered]:
        with service.memory.taken(max((drawing.decoding_bytes for drawing in good), default=0)):
            return read()

    if large or len(good) > INLINE_DRAWINGS or pixels > settings.inline_pixels:
        answered = await intake.work(read_within_memory, large=True, drawings=len(found))
    else:
        answered = await intake.work(read, large=False, drawings=len(found))
    notes = notes_of(request.scope)
    answers = []
    for content, timings in answered:
        service.metrics.steps(timings)
        if isinstance(content, Problem):
            service.metrics.refusal(content.kind)
            answers.append(content.body(notes.request_id))
        else:
            service.metrics.reading(content["digit"], content["verdict"], content["confidence"])
            answers.append(content)
    notes.timings = sums([timings for _, timings in answered])
    return packed_response(request, {"answers": answers})


Length = Annotated[
    int | None, Query(ge=1, le=LONGEST, description="how many digits the number has, if known")
]


@drawings.post(
    "/read",
    summary="Read a number",
    response_model=schemas.NumberPrediction,
    response_model_exclude_unset=True,
    responses=DRAWING_PROBLEMS,
    openapi_extra=DRAWING_BODY,
)
async def number(request: Request, detail: Detail = False, length: Length = None) -> Response:
    """One drawing of a number of 1 to 20 digits in, its digits with their boxes out."""
    reader = service_of(request).reads_numbers()
    intake = await take_in(request)
    notes_of(request.scope).digest = reader.digest
    work = partial(read_number, reader, length, detail)
    content, timings = await _work_on_drawing(intake, work)
    intake.service.metrics.number(content["verdict"])
    _note_timings(request, intake.service, timings)
    return json_response(content)


@drawings.post(
    "/explain",
    summary="Explain the reading of a drawing",
    response_model=schemas.Explanation,
    responses=DRAWING_PROBLEMS,
    openapi_extra=DRAWING_BODY,
)
async def explanation(request: Request) -> Response:
    """One drawing in; out: what the first layer saw, and what spoke for and against the reading."""
    intake = await take_in(request)
    content, timings = await _work_on_drawing(
        intake, partial(explain, intake.recognizer, intake.numbers)
    )
    _note_timings(request, intake.service, timings)
    return packed_response(request, content)


@router.get(
    "/model",
    summary="What is loaded",
    response_model=schemas.ModelInfo,
    responses=problems("missing-key", "not-ready"),
    dependencies=[Depends(key_for_all)],
)
async def model(request: Request) -> Response:
    """The network that reads: architecture, digest, scores, labels."""
    service = service_of(request)
    recognizer, reader = service.ready(), service.number_reader
    content = {
        "digest": recognizer.digest,
        "labels": [str(digit) for digit in range(10)],
        "about": recognizer.about,
        "numbers": reader and {"digest": reader.digest, "about": reader.about},
    }
    return json_response(content)


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
    """503 until the weights are verified and have passed the self-test, and while shutting down."""
    service_of(request).check_ready()
    return Response(b'{"status":"ready"}', media_type="application/json")


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses=problems("missing-key"),
    dependencies=[Depends(key_for_all)],
)
def metrics(request: Request) -> Response:
    """Counters and histograms in the text format of Prometheus."""
    return Response(service_of(request).metrics.exposition(), media_type=CONTENT_TYPE)


async def _work_on_drawing(intake: Intake, work: Callable[[Drawing, Settings], T]) -> T:
    """Do work on the drawing of a request, when its turn comes or, if it is large, in a thread."""
    service, settings = intake.service, intake.service.settings

    def parse() -> Drawing:
        return read_drawing(intake.content_type, intake.body, settings)

    def work_within_memory(drawing: Drawing) -> T:
        with service.memory.taken(drawing.decoding_bytes):
            return work(drawing, settings)

    if len(intake.body) > settings.inline_bytes:
        return await intake.work(lambda: work_within_memory(parse()), large=True)
    drawing = parse()
    if drawing.width * drawing.height > settings.inline_pixels:
        return await intake.work(partial(work_within_memory, drawing), large=True)
    return await intake.work(partial(work, drawing, settings), large=False)


def _note_timings(request: Request, service: Service, timings: dict[str, float]) -> None:
    """Tell metrics and the Server-Timing header how long each step took."""
    service.metrics.steps(timings)
    notes_of(request.scope).timings = timings
