"""Several drawings in one request: forms and JSON, their limits, and what becomes of each."""

import base64
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from nasty import encoded, nasty_files, seven
from PIL import Image
from running import service_with

from app.api import schemas
from app.api.batch import read_batch
from app.drawings.inputs import read_drawing
from app.drawings.pixels import Pixels
from app.drawings.self_test import SELF_TEST_DIGIT, SELF_TEST_DRAWING
from app.settings import Settings
from model.weights import load_weights

PNG = encoded(seven(), "PNG")
JPEG = encoded(seven(300), "JPEG")
EMPTY = encoded(Image.new("L", (50, 50), 255), "PNG")
PIXELS = SELF_TEST_DRAWING.tolist()


@pytest.fixture(scope="module")
def client(service):
    with httpx.Client(base_url=service, timeout=30) as client:
        yield client


def form(*files: bytes) -> dict[str, object]:
    return {"files": [("file", file) for file in files]}


def images(*files: bytes) -> dict[str, object]:
    return {"json": {"images": [base64.b64encode(file).decode() for file in files]}}


def kinds(answers: list[dict]) -> list[object]:
    """Of each answer its digit, or the kind of its problem."""
    return [one.get("digit", one.get("type", "").rpartition(":")[2]) for one in answers]


@pytest.mark.parametrize("body", [form, images])
def test_each_drawing_has_its_answer_in_its_place(client, body):
    response = client.post("/batch", **body(PNG, b"no picture", JPEG, EMPTY, PNG[:-20], PNG))
    assert response.status_code == 200, response.text
    schemas.Batch.model_validate_json(response.content)
    answers = response.json()["answers"]
    assert kinds(answers) == [7, "unsupported-type", 7, "empty-drawing", "bad-image", 7]
    assert answers[1]["status"] == 415
    assert answers[1]["instance"] == f"urn:request:{response.headers['x-request-id']}"
    headers = {"Content-Type": "image/png"}
    for index, data in ((0, PNG), (2, JPEG), (5, PNG)):
        alone = client.post("/predict", content=data, headers=headers).json()
        assert answers[index].keys() == alone.keys()
        assert answers[index]["verdict"] == alone["verdict"]
        assert answers[index]["probabilities"] == pytest.approx(alone["probabilities"], abs=1e-6)


def test_the_picture_is_known_by_its_bytes_and_its_name_is_not_looked_at(client):
    files = [("file", ("../a.txt", PNG, "text/plain")), ("file", ("", JPEG))]
    response = client.post("/batch", files=files, data={"who": "me"})
    assert kinds(response.json()["answers"]) == [7, 7]


def test_json_takes_pixels_too_and_says_where_they_are_wrong(client):
    unit = (SELF_TEST_DRAWING / 255).tolist()
    wrong = [list(row) for row in PIXELS]
    wrong[3][4] = 256
    body = {"images": [PIXELS, unit, wrong, [PIXELS], "no base64!", 7, {}, None, True]}
    answers = client.post("/batch", json=body).json()["answers"]
    assert kinds(answers) == [7, 7, "invalid", 7, *["invalid"] * 5]
    assert [one.get("pixel_range") for one in answers[:2]] == [None, [0, 1]]
    pointers = [one["errors"][0]["pointer"] for one in answers if "errors" in one]
    assert pointers == ["#/images/2/3/4", *(f"#/images/{index}" for index in range(4, 9))]


def test_detail_adds_the_frame_of_each(client):
    answers = client.post("/batch?detail=true", **form(PNG, EMPTY)).json()["answers"]
    plain = client.post("/predict?detail=true", **form(PNG)).json()
    assert answers[0]["pixels"] == plain["pixels"]
    assert answers[0]["ignored"] == []
    assert "pixels" not in answers[1]


@pytest.mark.parametrize("body", [form, images])
def test_64_drawings_are_read_and_one_more_is_too_many(client, body):
    response = client.post("/batch", **body(*[PNG] * 64))
    assert kinds(response.json()["answers"]) == [SELF_TEST_DIGIT] * 64
    response = client.post("/batch", **body(*[PNG] * 65))
    assert response.status_code == 413
    assert "more than 64 drawings" in response.json()["detail"]


@pytest.mark.parametrize("count", [1, 2, 40])
def test_the_steps_are_timed_and_the_drawings_counted(client, count):
    def numbers() -> dict[str, float]:
        found = re.findall(
            r"^(digits_(?:readings_total|refusals_total|step_seconds_count){.*}) (.*)$",
            client.get("/metrics").text,
            re.MULTILINE,
        )
        return {name: float(value) for name, value in found}

    before = numbers()
    response = client.post("/batch", **form(*[PNG] * count, EMPTY))
    timing = response.headers["server-timing"]
    steps = [step.split(";")[0] for step in timing.split(", ")]
    assert steps == ["decode", "preprocess", "infer", "second_look", "total"]
    assert response.headers["x-model-digest"]
    after = numbers()
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert grown['digits_readings_total{digit="7",verdict="digit"}'] == count
    assert grown['digits_refusals_total{reason="empty-drawing"}'] == 1
    assert grown['digits_step_seconds_count{step="infer"}'] == count
    assert grown['digits_step_seconds_count{step="preprocess"}'] == count + 1


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ({"content": PNG, "headers": {"Content-Type": "image/png"}}, 415, "image/png is not read"),
        ({"content": b"{}"}, 415, "A body without a Content-Type is not read here; send drawings"),
        ({"files": {"picture": PNG}}, 422, "There is no drawing; send each picture as a part"),
        ({"files": [("x", PNG)] * 70}, 413, "more than 67 parts"),
        ({"json": {"images": []}}, 422, "There is no drawing; send"),
        ({"json": {"images": "x"}}, 422, "`images` is no list"),
        ({"json": {"images": [], "more": 1}}, 422, '{"images": [...]}'),
        ({"json": {"image": "x"}}, 422, '{"images": [...]}'),
        ({"json": []}, 422, '{"images": [...]}'),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "not valid"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "boundary"),
        ({"content": b"", "headers": {"Content-Type": "application/json"}}, 400, "send drawings"),
        ({"content": b"x" * 17_000_000}, 413, "larger than 16777216 bytes"),
        ({"json": {"images": ["A" * 4_200_000]}}, 413, "The JSON is larger than 4194304 bytes"),
    ],
)
def test_what_is_wrong_with_all_of_them_is_one_problem(client, options, status, said):
    response = client.post("/batch", **options)
    assert response.status_code == status, response.text
    assert said in schemas.ProblemDetail.model_validate_json(response.content).detail


def test_nasty_files_are_answered_each_for_itself(client):
    sent = [PNG]
    for _, data, _ in nasty_files():
        if len(data) < 20_000 and len(sent) < 63:
            sent.append(data)
    response = client.post("/batch", **form(*sent, PNG))
    assert response.status_code == 200
    answers = kinds(response.json()["answers"])
    assert (answers[0], answers[-1]) == (7, 7)


def test_all_drawings_together_may_have_as_many_pixels_as_one(tmp_path, weights_path):
    large = encoded(seven(300), "PNG")
    with service_with(tmp_path, weights=weights_path, image_pixels=200_000) as running:
        response = httpx.post(f"{running.url}/batch", **form(large, large, large, PNG, large))
    answers = response.json()["answers"]
    assert kinds(answers) == [7, 7, "image-too-large", 7, "image-too-large"]
    assert "200000 pixels together" in answers[2]["detail"]


class Counting:
    """A recognizer that tells how many frames it is asked to read at once."""

    def __init__(self, recognizer):
        self._recognizer = recognizer
        self.asked = []

    def read(self, frames):
        self.asked.append(len(frames))
        return self._recognizer.read(frames)


def test_they_are_read_in_one_pass(weights_path):
    settings = Settings()
    counting = Counting(load_weights(weights_path))
    drawings = [Pixels(SELF_TEST_DRAWING), read_drawing(b"image/png", PNG, settings)] * 20
    answered = read_batch(counting, None, drawings, False, settings)
    assert counting.asked == [40]
    assert {one.content["digit"] for one in answered} == {SELF_TEST_DIGIT}


def test_they_take_places_in_the_queue_and_leave_some(tmp_path, weights_path):
    """Two batches of 64 may wait at once, and small drawings are read beside them."""
    sent = form(*[encoded(seven(500), "PNG")] * 64)
    with service_with(tmp_path, weights=weights_path, queue=64) as running:
        over = threading.Event()

        def ask_for_batch(_: int) -> set[int]:
            with httpx.Client(base_url=running.url, timeout=60) as client:
                return {client.post("/batch", **sent).status_code for _ in range(3)}

        def ask() -> set[int]:
            statuses = set()
            with httpx.Client(base_url=running.url, timeout=60) as client:
                while not over.is_set():
                    statuses.add(client.post("/predict", json={"pixels": PIXELS}).status_code)
            return statuses

        with ThreadPoolExecutor(7) as clients:
            small = clients.submit(ask)
            batches = set().union(*clients.map(ask_for_batch, range(6)))
            over.set()
        assert batches == {200, 429}
        assert small.result() == {200}


def test_a_key_is_needed(tmp_path, weights_path):
    with service_with(tmp_path, weights=weights_path, api_key="let-me-in") as running:
        url = f"{running.url}/batch"
        assert httpx.post(url, **form(PNG)).status_code == 401
        headers = {"Authorization": "Bearer let-me-in"}
        assert httpx.post(url, **form(PNG), headers=headers).status_code == 200


def test_a_batch_in_the_examples_has_both_kinds_of_answer(client):
    document = client.get("/openapi.json").json()
    content = document["paths"]["/batch"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "multipart/form-data"}
    [example] = content["application/json"]["examples"].values()
    answers = client.post(
        "/batch", content=json.dumps(example["value"]), headers={"Content-Type": "application/json"}
    ).json()["answers"]
    assert kinds(answers) == [SELF_TEST_DIGIT, "unsupported-type"]
    assert np.isclose(sum(answers[0]["probabilities"]), 1)
