"""The Open Inference protocol (KServe V2)."""

import json
import tracemalloc

import httpx
import numpy as np
import pytest

from app.api.v2 import body, schemas
from app.drawings.self_test import SELF_TEST_DIGIT, SELF_TEST_DRAWING
from app.errors import Problem
from model.frame.preprocess import frame_drawing
from model.weights import load_weights

FRAME = frame_drawing(SELF_TEST_DRAWING).frame
INFER = "/v2/models/digits/infer"


@pytest.fixture(scope="module")
def client(service):
    with httpx.Client(base_url=service, timeout=30) as client:
        yield client


def tensor(data, **changes):
    array = np.asarray(data)
    return {
        "name": "image",
        "shape": list(array.shape),
        "datatype": "FP32",
        "data": array.ravel().tolist(),
        **changes,
    }


def test_metadata_and_health(client, weights_path):
    assert client.get("/v2").json()["name"] == "digits"
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get("/v2/models/digits/ready").json() == {"name": "digits", "ready": True}
    model = schemas.ModelMetadata.model_validate_json(client.get("/v2/models/digits").content)
    assert model.versions == [load_weights(weights_path).digest]
    assert model.inputs[0].shape == [-1, 28, 28, 1]
    assert [(output.name, output.datatype, output.shape) for output in model.outputs] == [
        ("probabilities", "FP32", [-1, 10]),
        ("is_digit", "FP32", [-1]),
    ]


def test_frames_are_read_as_the_network_reads_them(client, weights_path):
    rng = np.random.default_rng(0)
    frames = rng.uniform(-0.5, 0.5, (5, 28, 28, 1)).astype(np.float32)
    frames[0] = FRAME
    wanted = load_weights(weights_path).read(frames)
    response = client.post(INFER, json={"id": "mine", "inputs": [tensor(frames)]})
    answer = schemas.InferenceResponse.model_validate_json(response.content)
    outputs = {output.name: output for output in answer.outputs}
    assert answer.id == "mine"
    assert outputs["probabilities"].shape == [5, 10]
    assert outputs["probabilities"].data == pytest.approx(wanted.probabilities.ravel(), abs=1e-5)
    if wanted.is_digit is not None:
        assert outputs["is_digit"].data == pytest.approx(wanted.is_digit, abs=1e-5)
    assert response.headers["x-model-digest"] == answer.model_version


@pytest.mark.parametrize("larger", [1, 5])
def test_drawings_are_framed_first(client, larger):
    drawing = SELF_TEST_DRAWING.repeat(larger, axis=0).repeat(larger, axis=1)
    drawing = drawing[np.newaxis, :, :, None]
    inputs = [tensor(drawing, datatype="UINT8")]
    inputs[0]["data"] = drawing.tolist()  # nested is as good as flat
    answer = client.post(INFER, json={"inputs": inputs}).json()
    assert int(np.argmax(answer["outputs"][0]["data"])) == SELF_TEST_DIGIT


def test_only_the_outputs_asked_for(client):
    request = {"inputs": [tensor([FRAME])], "outputs": [{"name": "probabilities"}]}
    assert [o["name"] for o in client.post(INFER, json=request).json()["outputs"]] == [
        "probabilities"
    ]


GOOD = tensor([FRAME])


@pytest.mark.parametrize(
    "request_body",
    [
        [],
        {},
        {"inputs": []},
        {"inputs": [GOOD, GOOD]},
        {"inputs": [5]},
        {"inputs": [{**GOOD, "name": "picture"}]},
        {"inputs": [{**GOOD, "datatype": "BYTES"}]},
        {"inputs": [{**GOOD, "datatype": None}]},
        {"inputs": [{**GOOD, "shape": [1, 784]}]},
        {"inputs": [{**GOOD, "shape": [0, 28, 28, 1]}]},
        {"inputs": [{**GOOD, "shape": [True, 28, 28, 1]}]},
        {"inputs": [{**GOOD, "shape": [10**30, 28, 28, 1]}]},
        {"inputs": [{**GOOD, "shape": [65, 28, 28, 1]}]},
        {"inputs": [{**GOOD, "shape": [1, 10**4000, 10**4000, 1]}]},
        {"inputs": [{**GOOD, "shape": [1, 28, 10**9, 1]}]},
        {"inputs": [{**GOOD, "shape": [10**4000, 28, 28, 1]}]},
        {"inputs": [{**GOOD, "shape": [1, 28, 28, 10**4000]}]},
        {"inputs": [{**GOOD, "shape": [1, -(10**4000), 28, 1]}]},
        {"inputs": [{**GOOD, "shape": [1e300, 28, 28, 1]}]},
        {"inputs": [{**GOOD, "shape": [1, 28, 28, 3]}]},
        {"inputs": [{**GOOD, "shape": [1, 56, 14, 1]}]},
        {"inputs": [{**GOOD, "data": GOOD["data"][:-1]}]},
        {"inputs": [{**GOOD, "data": [[0.1], [0.1, 0.2]]}]},
        {"inputs": [{**GOOD, "data": [True, *GOOD["data"][1:]]}]},
        {"inputs": [{**GOOD, "data": ["1"] * 784}]},
        {"inputs": [{**GOOD, "data": [[[1] * 784, "1"]]}]},
        {"inputs": [{**GOOD, "data": [[]]}]},
        {"inputs": [{**GOOD, "data": [0.7, *GOOD["data"][1:]]}]},
        {"inputs": [{**GOOD, "data": None}]},
        {"inputs": [{**GOOD, "data": {}}]},
        {"inputs": [{**GOOD, "data": [10**40] * 784}]},
        {"inputs": [{**GOOD, "data": [10**4000, *GOOD["data"][1:]]}]},
        {"inputs": [{**GOOD, "data": [-(10**4000)] * 784}]},
        {"inputs": [{**GOOD, "data": [1e308] * 784}]},
        {"inputs": [{**GOOD, "datatype": "UINT8", "data": [10**19] * 784}]},
        {"inputs": [{**GOOD, "name": 10**4000}]},
        {"inputs": [{**GOOD, "datatype": 10**4000}]},
        {"inputs": [{**GOOD, "datatype": "UINT8", "data": [0.5] * 784}]},
        {"inputs": [{**GOOD, "datatype": "UINT8", "data": [256] * 784}]},
        {"inputs": [{**GOOD, "datatype": "UINT8", "data": [9] * 784}]},
        {"inputs": [GOOD], "outputs": [{"name": "logits"}]},
        {"inputs": [GOOD], "outputs": []},
        {"inputs": [GOOD], "outputs": [{"name": ["a"]}]},
        {"inputs": [GOOD], "outputs": 5},
        {"inputs": [GOOD], "outputs": [{"name": "probabilities"}] * 9},
        {"inputs": [GOOD], "outputs": [{"name": "probabilities"}] * 2},
        {"inputs": [GOOD], "outputs": [{"name": 10**4000}]},
    ],
)
def test_errors_have_the_shape_of_the_protocol(client, request_body):
    response = client.post(INFER, json=request_body)
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"error"}
    assert response.json()["error"].endswith(".")  # a sentence
    assert "picture" not in response.text


@pytest.mark.parametrize(
    ("shape", "says"), [([65, 28, 28, 1], "64"), ([1, 28, 28, 3], "[N, height, width, 1]")]
)
def test_a_shape_is_refused_though_the_numbers_fit_it(client, shape, says):
    request = {"inputs": [{**GOOD, "shape": shape, "data": [0.1] * int(np.prod(shape))}]}
    response = client.post(INFER, json=request)
    assert response.status_code == 422
    assert says in response.json()["error"]


def test_texts_in_place_of_numbers_cost_no_memory():
    # NumPy would make an array of 5,000 texts of 30,000 characters: 600 MB from 50 kB.
    data = [*["a"] * 5000, "b" * 30_000]
    tracemalloc.start()
    try:
        with pytest.raises(Problem, match="must be 784 numbers"):
            body._values(data, (1, 28, 28, 1))
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_only_json_is_taken(client):
    body = json.dumps({"inputs": [GOOD]}).encode()
    statuses = {
        media_type: client.post(INFER, content=body, headers=headers).status_code
        for media_type, headers in {
            "of JSON": {"Content-Type": "Application/JSON; charset=utf-8"},
            "none": {},
            "of a form, as curl -d": {"Content-Type": "application/x-www-form-urlencoded"},
            "of a picture": {"Content-Type": "image/png"},
        }.items()
    }
    assert list(statuses.values()) == [200, 200, 415, 415], statuses


def test_other_errors_too(client):
    answers = [
        client.get("/v2/nothing"),
        client.get(INFER),
        client.post(INFER, content=b"{"),
        client.post(INFER, content=b""),
        client.post(INFER, content=b"x" * 17_000_000),
        client.post(INFER, content=b" " * 5_000_000 + b"{}"),
        client.post(INFER, content=b"[" + b"0," * 300_000 + b"0]"),
        client.post(INFER, content=b"{}", headers={"Content-Encoding": "gzip"}),
        client.post(INFER, content=b"x", headers={"Content-Type": "image/png"}),
    ]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [404, 405, 400, 400, 413, 413, 413, 415, 415]
    for answer in answers:
        assert set(answer.json()) == {"error"}
        assert "picture" not in answer.text
    assert "image/png is not read here" in answers[-1].text
