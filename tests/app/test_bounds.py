"""Each bound of a request is the one that its setting says, tried in an app of this process."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from nasty import encoded, png_chunk, seven, split_png

from app.drawings.self_test import SELF_TEST_DIGIT, SELF_TEST_DRAWING
from app.main import create_app
from app.queue.admission import Admission
from app.server.connections import Connections
from app.settings import Settings
from model.recognizer import Recognizer
from model.weights import load_weights

PNG = encoded(seven(), "PNG")  # of 140 x 140 pixels
JPEG = encoded(seven(), "JPEG")
SCANS = encoded(seven(), "JPEG", progressive=True)
INFER = "/v2/models/digits/infer"
Options = dict[str, Any]


@pytest.fixture(scope="module")
def recognizer(weights_path) -> Recognizer:
    return load_weights(weights_path)


def ask(
    recognizer: Recognizer, settings: dict[str, object], path: str, options: Options
) -> tuple[httpx.Response, int]:
    """What an app with these settings answers, and how often it has used its threads for that."""
    app = create_app(Settings(**settings))
    service = app.state.service
    service.recognizer = recognizer
    in_thread = service.admission.in_thread
    used = []

    def counting(*arguments: Any) -> Any:
        used.append(arguments)
        return in_thread(*arguments)

    service.admission.in_thread = counting

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.post(path, **options)

    try:
        return asyncio.run(post()), len(used)
    finally:
        service.admission.close()


def image(data: bytes) -> Options:
    return {"json": {"image": base64.b64encode(data).decode()}}


def raw(data: bytes) -> Options:
    return {"content": data, "headers": {"Content-Type": "image/png"}}


def tensors(count: int) -> Options:
    data = SELF_TEST_DRAWING.ravel().tolist() * count
    tensor = {"name": "image", "shape": [count, 28, 28, 1], "datatype": "UINT8", "data": data}
    return {"json": {"inputs": [tensor]}}


def in_pieces(count: int) -> bytes:
    head, rest = split_png(PNG)
    return head + png_chunk(b"tEXt", b"k\0v") * count + rest


TWICE = SELF_TEST_DRAWING.repeat(2, axis=0).repeat(2, axis=1).tolist()
TWO_IMAGES = {"files": [("file", PNG), ("file", PNG)]}
# A setting, a value that is too little for a request, that request, and how it is refused.
BOUNDS = [
    ("body_bytes", 1024, "/predict", raw(PNG + bytes(2000)), 413, "larger than 1024 bytes"),
    ("json_bytes", 1024, "/predict", image(PNG + bytes(2000)), 413, "larger than 1024 bytes"),
    ("json_values", 1024, "/predict", {"json": {"pixels": TWICE}}, 413, "more than 1024 values"),
    ("json_values", 1024, INFER, tensors(2), 413, "more than 1024 values"),
    ("image_pixels", 10_000, "/predict", raw(PNG), 413, "at most 10000 in all"),
    ("image_pixels", 2000, "/predict", {"json": {"pixels": TWICE}}, 413, "2000"),
    ("jpeg_pixels", 10_000, "/predict", raw(JPEG), 413, "at most 10000 in all"),
    ("image_side", 100, "/predict", raw(PNG), 413, "100 a side"),
    ("image_blocks", 100, "/predict", raw(in_pieces(101)), 413, "more than 100 blocks"),
    ("image_scans", 1, "/predict", raw(SCANS), 413, "at most 1 scans"),
    ("scanned_pixels", 1000, "/predict", raw(SCANS), 413, "1000 pixels in all"),
    ("decoding_bytes", 2**20, "/predict", raw(encoded(seven(700), "PNG")), 413, "209715 are read"),
    (
        "multipart_parts",
        1,
        "/predict",
        {"files": {"file": PNG}, "data": {"who": "me"}},
        413,
        "more than 1 parts",
    ),
    ("batch", 1, "/batch", TWO_IMAGES, 413, "more than 1 drawings"),
    ("batch", 1, INFER, tensors(2), 422, "N from 1 to 1"),
]


@pytest.mark.parametrize(
    ("name", "value", "path", "options", "status", "said"),
    BOUNDS,
    ids=[f"{name} of {path}" for name, _, path, *_ in BOUNDS],
)
def test_what_is_beyond_a_bound_is_refused_and_the_bound_named(
    recognizer, name, value, path, options, status, said
):
    within, _ = ask(recognizer, {}, path, options)
    assert within.status_code == 200, within.text
    beyond, _ = ask(recognizer, {name: value}, path, options)
    assert beyond.status_code == status, beyond.text
    assert said in beyond.json().get("detail", beyond.text)


LARGE = [
    ("inline_bytes", "/predict", raw(PNG)),
    ("inline_bytes", "/batch", TWO_IMAGES),
    ("inline_bytes", INFER, tensors(1)),
    ("inline_pixels", "/predict", raw(PNG)),
    ("inline_pixels", "/batch", TWO_IMAGES),
    ("inline_pixels", INFER, tensors(1)),
]


@pytest.mark.parametrize(
    ("name", "path", "options"), LARGE, ids=[f"{name} of {path}" for name, path, _ in LARGE]
)
def test_what_counts_as_large_goes_to_a_thread(recognizer, name, path, options):
    small, threads = ask(recognizer, {}, path, options)
    assert (small.status_code, threads) == (200, 0)
    large, threads = ask(recognizer, {name: 0}, path, options)
    assert threads > 0
    assert large.json() == small.json()


async def slowly() -> AsyncIterator[bytes]:
    yield PNG + bytes(2000)
    yield bytes(100)


def test_every_refusal_that_passes_says_when_to_come_again(recognizer):
    chosen: dict[str, object] = {"retry_seconds": 7, "all_bodies_bytes": 1024, "connections": 1}
    refused, _ = ask(recognizer, chosen, "/predict", {"content": slowly()})
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "7"
    settings = Settings(**chosen)
    assert Admission(settings).busy().headers == {"Retry-After": "7"}
    connections = Connections(settings)
    first, second = object(), object()
    assert connections.admit(first, "127.0.0.1", 0.0) is None
    assert connections.admit(second, "127.0.0.2", 0.0).headers == {"Retry-After": "7"}


def test_without_bounds_of_its_own_the_drawing_is_read(recognizer):
    read, _ = ask(recognizer, {}, "/predict", {"content": slowly()})
    assert read.json()["digit"] == SELF_TEST_DIGIT
