"""Inputs that nobody thought of. FUZZ_SECONDS, 20 unless set, is about how long all of it takes.

The number of cases tried is printed at the end. `python -m tests.fuzz --cases 1000000` runs this
again and again, each time with other inputs, until so many have been tried.
"""

import json
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator

import httpx
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from nasty import REFUSED, encoded, nasty_files, pictures, seven
from PIL import Image
from running import RunningService
from schemathesis import Case

from app.api import schemas
from app.drawings.images import decode_picture, open_picture
from app.errors import Problem
from app.settings import Settings
from model.frame.decoding import WORKING_SIDE
from model.frame.preprocess import EmptyDrawing, frame_drawing

SECONDS = float(os.environ.get("FUZZ_SECONDS", "20"))
SLOW_SECONDS = 2.0  # of processor time, for any one picture
SETTINGS = Settings()
SEEDS = [data for _, data in pictures()] + [
    data for _, data, _ in nasty_files() if len(data) < 20_000
]
OF_ONE_PICTURE = (
    "/predict",
    "/explain",
    "/read",
    "/read?length=3",
    "/read?length=20&detail=true",
)
ROUTES = (*OF_ONE_PICTURE, "/batch", "/v2/models/digits/infer")
tried: Counter[str] = Counter()


def examples(share: float, each_seconds: float) -> Callable[..., Callable[..., None]]:
    """Let a test have a share of the time, each of whose examples takes about so long."""
    return hypothesis.settings(
        max_examples=max(20, int(SECONDS * share / each_seconds)),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module", autouse=True)
def count(request: pytest.FixtureRequest) -> Iterator[None]:
    tried.clear()
    yield
    counts = ", ".join(f"{number} {what}" for what, number in tried.items())
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        print(f"\nfuzzing tried {tried.total()} cases: {counts}")


@pytest.fixture(scope="module")
def client(service: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service, timeout=30) as client:
        yield client


@pytest.fixture(scope="module", autouse=True)
def nothing_broke(running_service: RunningService) -> Iterator[None]:
    """Whatever was sent: no traceback in the log, and the service is still there."""
    yield
    assert running_service.process.poll() is None
    assert "Traceback" not in running_service.log
    assert httpx.get(f"{running_service.url}/readyz").status_code == 200


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A file of the corpus with bytes changed, cut, repeated, inserted or taken from another."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(data)))
        # Most of what a decoder decides on stands at the front.
        place = place if draw(st.booleans()) else min(place, 64)
        match draw(st.integers(0, 5)):
            case 0 if data:
                data[min(place, len(data) - 1)] = draw(st.integers(0, 255))
            case 1:
                data[place : place + 4] = draw(st.sampled_from(_INTEGERS))
            case 2:
                del data[place : place + draw(st.integers(1, 300))]
            case 3:
                piece = data[place : place + draw(st.integers(1, 300))]
                data[place:place] = piece * draw(st.integers(1, 50))
            case 4:
                data[place:place] = draw(st.binary(max_size=50))
            case _:
                other = draw(st.sampled_from(SEEDS))
                start = draw(st.integers(0, len(other)))
                data[place : place + 100] = other[start : start + 100]
    return bytes(data[:100_000])


_INTEGERS = [
    value.to_bytes(4, order)
    for value in (0, 1, 2**15 - 1, 2**16 - 1, 2**16, 2**24, 2**31 - 1, 2**31, 2**32 - 1)
    for order in ("big", "little")
]  # fmt: skip


def assert_bounded(data: bytes) -> None:
    """A picture is decoded to a bounded grey array or refused as the client's fault, soon."""
    start = time.process_time()
    try:
        grey = decode_picture(open_picture(data, SETTINGS), SETTINGS)
        assert grey.dtype == np.uint8
        assert grey.ndim == 2
        assert min(grey.shape) >= 1
        assert max(grey.shape) <= WORKING_SIDE
        frame = frame_drawing(grey).frame
        assert np.isfinite(frame).all()
        tried["pictures read"] += 1
    except Problem as problem:
        assert problem.status in REFUSED  # noqa: PT017  # either is right
        tried["pictures refused"] += 1
    except EmptyDrawing:
        tried["pictures empty"] += 1
    assert time.process_time() - start < SLOW_SECONDS


@examples(0.25, 0.004)
@given(mutated())
def test_mutated_pictures(data: bytes) -> None:
    assert_bounded(data)


@examples(0.03, 0.001)
@given(
    st.sampled_from(
        [
            b"",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"\xff\xd8\xff",
            b"GIF89a",
            b"BM",
            b"RIFF\xff\xff\0\0WEBPVP8L",
        ]
    ),
    st.binary(max_size=400),
)
def test_random_bytes_behind_every_magic(magic: bytes, data: bytes) -> None:
    assert_bounded(magic + data)


@examples(0.07, 0.004)
@given(
    st.sampled_from(
        [
            "1",
            "L",
            "LA",
            "La",
            "P",
            "PA",
            "RGB",
            "RGBA",
            "RGBa",
            "RGBX",
            "CMYK",
            "YCbCr",
            "HSV",
            "LAB",
            "I",
            "F",
            "I;16",
        ]
    ),
    st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP"]),
    st.integers(1, 80),
    st.integers(1, 80),
    st.integers(0, 2**32 - 1),
)
def test_every_mode_that_a_format_can_hold(
    mode: str, kind: str, width: int, height: int, seed: int
) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, width * height * 4, np.uint8).tobytes()
    size = len(Image.new(mode, (width, height)).tobytes())
    image = Image.frombytes(mode, (width, height), noise[:size])
    try:
        data = encoded(image, kind)
    except (OSError, ValueError, KeyError):
        return  # this format cannot hold this mode
    assert_bounded(data)


@examples(0.15, 0.01)
@given(mutated(), st.sampled_from(OF_ONE_PICTURE), st.booleans())
def test_mutated_pictures_over_http(
    client: httpx.Client, data: bytes, route: str, as_form: bool
) -> None:
    if as_form:
        response = client.post(route, files={"file": data})
    else:
        response = client.post(route, content=data, headers={"Content-Type": "image/png"})
    assert_orderly(response)
    tried["pictures over HTTP"] += 1


MEMBERS = [
    "pixels",
    "image",
    "images",
    "inputs",
    "outputs",
    "name",
    "shape",
    "datatype",
    "data",
    "id",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20) | st.just([0] * 28) | st.just("iVBORw0KGgo="),
    lambda children: st.lists(children, max_size=30)
    | st.dictionaries(
        st.sampled_from(MEMBERS)
        | st.text(max_size=5),
        children,
        max_size=5,
    ),
    max_leaves=40,
)  # fmt: skip


@examples(0.15, 0.01)
@given(JSON, st.sampled_from(ROUTES))
def test_any_json(client: httpx.Client, content: object, route: str) -> None:
    response = client.post(
        route, content=json.dumps(content), headers={"Content-Type": "application/json"}
    )
    assert_orderly(response)
    tried["JSON bodies"] += 1


def assert_orderly(response: httpx.Response) -> None:
    assert response.status_code in REFUSED | {200}, response.text
    if response.status_code != 200 and not response.url.path.startswith("/v2"):
        assert response.headers["content-type"] == "application/problem+json"
        schemas.ProblemDetail.model_validate_json(response.content)


PNG = encoded(seven(28), "PNG")
POST = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: "
FORM = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + PNG + b"\r\n--b--\r\n"
REQUESTS = [
    b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    POST + b"image/png\r\nContent-Length: %d\r\n\r\n" % len(PNG) + PNG,
    POST
    + b"image/png\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(PNG)
    + PNG
    + b"\r\n0\r\n\r\n",
    POST + b"multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n" % len(FORM) + FORM,
    POST.replace(b"/predict", b"/read?length=1&detail=true")
    + b"image/png\r\nContent-Length: %d\r\n\r\n" % len(PNG)
    + PNG,
]


@examples(0.1, 0.01)
@given(
    st.sampled_from(REQUESTS),
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 20), st.binary(max_size=20)), max_size=4
    ),
)
def test_mutated_requests(
    running_service: RunningService, request_bytes: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    data = bytearray(request_bytes)
    for place, length, new in changes:
        data[place : place + length] = new
    with socket.create_connection(("127.0.0.1", running_service.port), timeout=30) as sock:
        sock.sendall(bytes(data))
        sock.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while piece := sock.recv(65536):
                received += piece
        except ConnectionResetError:
            pass
    assert received == b"" or received.startswith(b"HTTP/1.1 "), received
    for line in received.split(b"\r\n"):
        if line.startswith(b"HTTP/1.1 "):
            assert line.split()[1][:1] in b"1234", line
    tried["raw requests"] += 1


# A schema cannot say that rows are of one length, and have some ink.
NOT_EVERY_ARRAY_IS_A_DRAWING = schemathesis.checks.positive_data_acceptance


def test_the_service_keeps_to_its_document(service: str) -> None:
    api = schemathesis.openapi.from_url(f"{service}/openapi.json")
    for result in api.get_all_operations():
        operation = result.ok()

        @examples(0.015, 0.03)
        @given(operation.as_strategy())
        def calls(case: Case) -> None:
            case.call_and_validate(excluded_checks=[NOT_EVERY_ARRAY_IS_A_DRAWING])
            tried["calls by the OpenAPI document"] += 1

        calls()
