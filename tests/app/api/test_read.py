"""Reading numbers over HTTP: every form of input, lengths, refusals, through a real server."""

import base64

import httpx
import numpy as np
import pytest
from nasty import encoded, nasty_files, seven
from PIL import Image, ImageDraw
from running import PROJECT, start_service

from app.api import schemas
from app.drawings.self_test import SELF_TEST_NUMBER, SELF_TEST_PAIR
from model.drawn.strokes import arc, curve, polyline, render

ONE = [polyline((0.1, 0.25), (0.35, 0), (0.35, 1))]
ZERO = [arc((0.3, 0.5), (0.28, 0.5), 0, 360)]
TWO = [curve((0, 0.25), (0.3, 0), (0.6, 0.3), (0, 1)), polyline((0, 1), (0.65, 1))]
SEVEN = [polyline((0, 0), (0.6, 0), (0.2, 1))]


def row(*digits, side: int = 140) -> Image.Image:
    """Digits side by side, dark on white."""
    picture = Image.new("L", (side * len(digits) * 7 // 10 + side // 2, side), 255)
    for index, strokes in enumerate(digits):
        drawn = render(strokes, size=side, height=0.6 * side, line_width=0.07 * side)
        tile = Image.fromarray(drawn).crop((side // 6, 0, side - side // 6, side))
        picture.paste(tile, (side // 4 + index * side * 7 // 10, 0))
    return picture


@pytest.fixture(scope="module")
def client(service):
    with httpx.Client(base_url=service, timeout=30) as client:
        yield client


def post(client, picture: Image.Image, **params: object) -> httpx.Response:
    headers = {"Content-Type": "image/png"}
    return client.post("/read", content=encoded(picture, "PNG"), headers=headers, params=params)


def test_a_number_with_a_box_for_each_digit(client):
    response = post(client, row(ONE, ZERO, SEVEN, TWO))
    assert response.status_code == 200, response.text
    answer = schemas.NumberPrediction.model_validate(response.json(), strict=True)
    assert (answer.number, answer.verdict) == ("1072", "number")
    assert [one.digit for one in answer.digits] == [1, 0, 7, 2]
    lefts = [one.box.left for one in answer.digits]
    assert lefts == sorted(lefts)
    for one in answer.digits:
        assert sum(one.probabilities) == pytest.approx(1, abs=1e-6)
        assert one.probabilities[one.digit] == one.confidence
        assert 60 <= one.box.height <= 110
        assert 8 <= one.box.width <= 80
        assert one.pixels is None
    assert answer.alternatives[0].number == "1072"
    assert answer.alternatives[0].probability == answer.confidence
    assert answer.inverted
    assert "infer" in response.headers["server-timing"]


def test_leading_zeros_are_kept_and_light_ink_is_read(client):
    picture = Image.fromarray(255 - np.asarray(row(ZERO, ZERO, TWO)))
    answer = post(client, picture).json()
    assert answer["number"] == "002"
    assert not answer["inverted"]


def test_every_form_of_body_gives_the_same_number(client):
    picture = row(SEVEN, TWO)
    png = encoded(picture, "PNG")
    plain = post(client, picture).json()
    assert client.post("/read", files={"file": ("n.png", png)}).json() == plain
    image = base64.b64encode(png).decode()
    assert client.post("/read", json={"image": image}).json() == plain
    pixels = (255 - np.asarray(picture)).tolist()
    as_pixels = client.post("/read", json={"pixels": pixels}).json()
    assert (as_pixels["number"], as_pixels["inverted"]) == ("72", False)


def test_a_length_that_is_known(client):
    picture = row(SEVEN, TWO, ONE)
    assert post(client, picture, length=3).json()["number"] == "721"
    assert len(post(client, picture, length=2).json()["number"]) == 2
    for wrong in (0, 21, "many"):
        response = post(client, picture, length=wrong)
        assert response.status_code == 422
        assert "length must be a whole number from 1 to 20" in response.json()["detail"]


def test_a_length_that_does_not_fit_is_answered(client):
    for length in (2, 9, 20):
        answer = post(client, row(SEVEN), length=length, detail="true")
        assert answer.status_code == 200
        assert len(answer.json()["digits"]) == len(answer.json()["number"]) == length


def test_detail_adds_the_frame_of_each_digit(client):
    answer = post(client, row(SEVEN, TWO), detail="true").json()
    for one in answer["digits"]:
        assert np.array(one["pixels"]).shape == (28, 28)
        assert np.max(one["pixels"]) > 200


def test_a_full_stop_is_left_out_and_told(client):
    picture = row(SEVEN, TWO)
    ImageDraw.Draw(picture).ellipse((228, 106, 238, 116), fill=0)
    answer = post(client, picture).json()
    assert answer["number"] == "72"
    assert any(abs(box["left"] - 228) < 8 for box in answer["ignored"])


def test_the_frame_of_a_digit_has_its_paper_around_it(client):
    """A plain 1 fills its box: without paper around it, ink could not be told from paper."""
    bars = np.full((100, 160), 230, np.uint8)
    bars[20:80, 50:58] = bars[20:80, 100:108] = 30
    answer = client.post("/read?detail=true", json={"pixels": bars.tolist()}).json()
    assert answer["number"] == "11"
    for one in answer["digits"]:
        rows, columns = np.nonzero(np.array(one["pixels"]) > 128)
        assert np.ptp(rows) >= 17
        assert np.ptp(columns) <= 5


def test_boxes_are_in_pixels_of_the_picture_as_sent(client):
    picture = row(SEVEN, TWO)
    large = picture.resize((picture.width * 12, picture.height * 12))
    small, big = (post(client, one).json() for one in (picture, large))
    assert small["number"] == big["number"]
    for a, b in zip(small["digits"], big["digits"], strict=True):
        assert b["box"]["left"] == pytest.approx(12 * a["box"]["left"], abs=36)
        assert b["box"]["height"] == pytest.approx(12 * a["box"]["height"], abs=60)


def test_an_empty_drawing_is_refused(client):
    response = post(client, Image.new("L", (300, 100), 255))
    assert response.status_code == 422
    assert response.json()["type"].endswith("empty-drawing")


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data, _ in nasty_files()])
def test_nasty_files_are_answered(client, data):
    response = client.post("/read", content=data, headers={"Content-Type": "image/png"})
    assert response.status_code < 500


def test_a_number_is_read_while_it_is_written(client):
    """Digit after digit, and half of each: it never fails, and what was read stays."""
    whole = np.asarray(row(ONE, ZERO, SEVEN, TWO))
    for width in range(60, whole.shape[1], 14):
        so_far = whole.copy()
        so_far[:, width:] = 255
        response = post(client, Image.fromarray(so_far))
        assert response.status_code in (200, 422)
        if width > 140:
            assert response.json()["number"].startswith("1")


def test_the_model_tells_of_both_networks(client):
    told = client.get("/model").json()
    assert len(told["numbers"]["digest"]) == 64 != told["digest"]
    response = post(client, row(SEVEN, TWO))
    assert response.headers["x-model-digest"] == told["numbers"]["digest"]


def test_without_a_network_for_numbers_all_else_works(tmp_path):
    running = start_service(tmp_path, numbers=tmp_path / "none.npz")
    try:
        with httpx.Client(base_url=running.url, timeout=30) as client:
            response = post(client, row(SEVEN))
            assert response.status_code == 503
            assert "network for numbers" in response.json()["detail"]
            assert client.get("/readyz").status_code == 200
            assert client.get("/model").json()["numbers"] is None
            png = encoded(seven(), "PNG")
            headers = {"Content-Type": "image/png"}
            assert client.post("/predict", content=png, headers=headers).json()["digit"] == 7
    finally:
        running.stop()


def test_bad_weights_for_numbers_stop_the_start(tmp_path):
    bad = tmp_path / "numbers.npz"
    bad.write_bytes((PROJECT / "weights" / "digits.npz").read_bytes())
    with pytest.raises(AssertionError, match=r"numbers\.npz is of a network for another task"):
        start_service(tmp_path, numbers=bad)


def test_the_self_test_is_read(client):
    answer = client.post(
        "/read", json={"pixels": np.kron(SELF_TEST_PAIR, np.ones((2, 2))).tolist()}
    )
    assert answer.json()["number"] == SELF_TEST_NUMBER
