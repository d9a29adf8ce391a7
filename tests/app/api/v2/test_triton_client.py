"""The client of Triton Inference Server, with its defaults, against the service as it runs."""

from collections.abc import Iterator

import httpx
import numpy as np
import pytest
import tritonclient.http as triton
from running import RunningService, service_with
from tritonclient.utils import InferenceServerException

from app.drawings.self_test import SELF_TEST_DIGIT, SELF_TEST_DRAWING
from model.frame.preprocess import frame_drawing
from model.weights import load_weights

FRAMES = np.random.default_rng(0).uniform(-0.5, 0.5, (3, 28, 28, 1)).astype(np.float32)
FRAMES[0] = frame_drawing(SELF_TEST_DRAWING).frame
DRAWING = SELF_TEST_DRAWING[np.newaxis, ..., np.newaxis]


@pytest.fixture(scope="module")
def client(running_service: RunningService) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(f"127.0.0.1:{running_service.port}") as client:
        yield client


@pytest.fixture(scope="module")
def digest(weights_path) -> str:
    return load_weights(weights_path).digest


def image(array: np.ndarray, datatype: str, **how: bool) -> triton.InferInput:
    tensor = triton.InferInput("image", list(array.shape), datatype)
    tensor.set_data_from_numpy(array, **how)
    return tensor


def test_health(client, digest):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("digits")
    assert client.is_model_ready("digits", digest)
    assert not client.is_model_ready("digits", "1")
    assert not client.is_model_ready("mnist")


def test_metadata(client, digest):
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    told = client.get_model_metadata("digits")
    assert told["versions"] == [digest]
    assert client.get_model_metadata("digits", digest) == told
    with pytest.raises(InferenceServerException, match=f"The loaded version is {digest}"):
        client.get_model_metadata("digits", "1")


def test_frames_are_read_with_the_defaults(client, weights_path, digest):
    wanted = load_weights(weights_path).read(FRAMES)
    result = client.infer("digits", [image(FRAMES, "FP32")], request_id="mine")
    np.testing.assert_allclose(result.as_numpy("probabilities"), wanted.probabilities, atol=1e-6)
    np.testing.assert_allclose(result.as_numpy("is_digit"), wanted.is_digit, atol=1e-6)
    answer = result.get_response()
    assert (answer["id"], answer["model_version"]) == ("mine", digest)
    assert result.get_output("probabilities")["parameters"] == {"binary_data_size": 3 * 10 * 4}


@pytest.mark.parametrize("sent_in_bytes", [True, False])
@pytest.mark.parametrize("wanted_in_bytes", [True, False])
def test_bytes_and_json_say_the_same(client, sent_in_bytes, wanted_in_bytes):
    asked = triton.InferRequestedOutput("probabilities", binary_data=wanted_in_bytes)
    for array, datatype in ((FRAMES, "FP32"), (DRAWING, "UINT8")):
        sent = image(array, datatype, binary_data=sent_in_bytes)
        result = client.infer("digits", [sent], outputs=[asked])
        usual = client.infer("digits", [image(array, datatype)])
        got = result.as_numpy("probabilities")
        np.testing.assert_allclose(got, usual.as_numpy("probabilities"), atol=1e-8)
        assert result.as_numpy("is_digit") is None
        assert ("data" in result.get_output("probabilities")) is not wanted_in_bytes


def test_one_output_in_bytes_and_one_in_json(client):
    outputs = [
        triton.InferRequestedOutput("is_digit", binary_data=False),
        triton.InferRequestedOutput("probabilities", binary_data=True),
    ]
    result = client.infer("digits", [image(DRAWING, "UINT8")], outputs=outputs)
    assert result.as_numpy("probabilities").argmax() == SELF_TEST_DIGIT
    assert result.as_numpy("is_digit")[0] > 0.9


@pytest.mark.parametrize(("count", "side"), [(1, 28), (1, 500), (4, 28), (5, 56), (64, 28)])
def test_batches_of_drawings(client, digest, count, side):
    drawing = np.kron(SELF_TEST_DRAWING, np.ones((side // 28, side // 28), np.uint8))
    padded = np.pad(drawing, (0, side - drawing.shape[0]))
    batch = np.repeat(padded[np.newaxis, ..., np.newaxis], count, axis=0)
    result = client.infer("digits", [image(batch, "UINT8")], model_version=digest)
    probabilities = result.as_numpy("probabilities")
    assert probabilities.shape == (count, 10)
    assert set(probabilities.argmax(axis=1)) == {SELF_TEST_DIGIT}


@pytest.mark.parametrize(
    ("array", "datatype", "said"),
    [
        (np.zeros((1, 784), np.float32), "FP32", r"`shape` must be \[N, height, width, 1\]"),
        (np.zeros((65, 28, 28, 1), np.uint8), "UINT8", "with N from 1 to 64"),
        (np.zeros((1, 28, 28, 3), np.uint8), "UINT8", "`shape` must be"),
        (np.zeros((1, 27, 28, 1), np.uint8), "UINT8", "28 or more"),
        (np.zeros((1, 600, 600, 1), np.uint8), "UINT8", "at most 270000 values"),
        (np.zeros((1, 30, 30, 1), np.float32), "FP32", r"\[N, 28, 28, 1\] for FP32"),
        (np.full((1, 28, 28, 1), 0.6, np.float32), "FP32", "from -0.5"),
        (np.full((1, 28, 28, 1), np.nan, np.float32), "FP32", "from -0.5"),
        (np.zeros((1, 28, 28, 1), np.float64), "FP64", "must be FP32 or UINT8"),
        (np.zeros((1, 28, 28, 1), np.uint8), "UINT8", "Drawing 0 is empty"),
    ],
)
def test_what_cannot_be_read_is_told_in_the_client_s_own_exception(client, array, datatype, said):
    with pytest.raises(InferenceServerException, match=said):
        client.infer("digits", [image(array, datatype)])


def test_what_is_not_there(client):
    frames = [image(FRAMES, "FP32")]
    for name, version in (("mnist", ""), ("digits", "1")):
        with pytest.raises(InferenceServerException, match=r"loaded version|No route") as error:
            client.infer(name, frames, model_version=version)
        assert error.value.status() == "404"
    with pytest.raises(InferenceServerException, match="must name some of probabilities"):
        client.infer("digits", frames, outputs=[triton.InferRequestedOutput("logits")])
    classes = triton.InferRequestedOutput("probabilities", class_count=3)
    with pytest.raises(InferenceServerException, match="not sorted into classes"):
        client.infer("digits", frames, outputs=[classes])


def test_with_a_key(tmp_path, weights_path):
    headers = {"Authorization": "Bearer let-me-in"}
    with (
        service_with(tmp_path, weights=weights_path, api_key="let-me-in") as running,
        triton.InferenceServerClient(f"127.0.0.1:{running.port}") as client,
    ):
        result = client.infer("digits", [image(DRAWING, "UINT8")], headers=headers)
        assert result.as_numpy("probabilities").argmax() == SELF_TEST_DIGIT
        with pytest.raises(InferenceServerException, match="Send the key"):
            client.infer("digits", [image(DRAWING, "UINT8")])


JSON = b'{"inputs":[{"name":"image","shape":[1,28,28,1],"datatype":"UINT8"%s}]}'
SIZED = JSON % b',"parameters":{"binary_data_size":784}'
BYTES = SELF_TEST_DRAWING.tobytes()


@pytest.mark.parametrize(
    ("body", "length", "status", "said"),
    [
        (SIZED + BYTES, len(SIZED), 200, "probabilities"),
        (SIZED + BYTES, None, 400, "not valid JSON"),
        (SIZED + BYTES, "x", 400, "must be the length"),
        (SIZED + BYTES, "-1", 400, "must be the length"),
        (SIZED + BYTES, "9" * 4000, 400, "must be the length"),
        (SIZED + BYTES, len(SIZED) + 785, 400, "must be the length"),
        (SIZED + BYTES, len(SIZED) - 1, 400, "not valid JSON"),
        (SIZED + BYTES, 0, 400, "not valid JSON"),
        (SIZED + BYTES[1:], len(SIZED), 422, "must be 784"),
        (SIZED + BYTES + b"\0", len(SIZED), 422, "must be 784"),
        (SIZED, len(SIZED), 422, "must be 784"),
        (JSON % b"" + BYTES, len(JSON % b""), 422, "must be 784"),
        (SIZED.replace(b"784", b"true") + BYTES, len(SIZED) + 1, 422, "must be 784"),
        (SIZED.replace(b"784", b"9" * 4000) + BYTES, len(SIZED) + 3997, 422, "must be 784"),
        (SIZED.replace(b"UINT8", b"FP32") + BYTES, len(SIZED) - 1, 422, "must be 3136"),
        (JSON % b',"data":[1]' + BYTES, len(JSON % b',"data":[1]'), 422, "left out"),
        (JSON % b',"parameters":7', None, 422, "must be 784 numbers"),
    ],
)
def test_bytes_behind_the_json_are_bounded_by_what_is_said_of_them(
    service, body, length, status, said
):
    headers = {} if length is None else {"inference-header-content-length": str(length)}
    response = httpx.post(f"{service}/v2/models/digits/infer", content=body, headers=headers)
    assert response.status_code == status, response.text
    assert said in response.text
    if status != 200:
        assert set(response.json()) == {"error"}
