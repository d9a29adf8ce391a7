"""Reading over HTTP: every form of input, every refusal, through a real server."""

import base64
import json

import httpx
import numpy as np
import pytest
from nasty import encoded, nasty_files, pictures, seven, transparent
from PIL import Image, ImageDraw

from app.api import schemas
from app.drawings.self_test import SELF_TEST_DIGIT, SELF_TEST_DRAWING
from app.errors import KINDS
from model.drawn.papers.generator import generate
from model.frame.preprocess import frame_drawing
from model.second_look import read_drawing
from model.weights import load_numbers, load_weights, numbers_beside

PNG = encoded(seven(), "PNG")
PIXELS = SELF_TEST_DRAWING.tolist()


@pytest.fixture(scope="module")
def client(service):
    with httpx.Client(base_url=service, timeout=30) as client:
        yield client


def post_picture(client, data, media_type="image/png", **options):
    return client.post("/predict", content=data, headers={"Content-Type": media_type}, **options)


def test_doubtful_paper_is_read_by_both_networks_wherever_it_is_sent(client, weights_path):
    recognizer = load_weights(weights_path)
    numbers = load_numbers(numbers_beside(weights_path), recognizer)
    for picture in generate(100, 7, "tight", held_out=True).pictures:
        alone = read_drawing(recognizer, picture)
        wanted = read_drawing(recognizer, picture, numbers)
        if alone.verdict is not wanted.verdict:
            break
    png = encoded(Image.fromarray(picture), "PNG")
    predicted = post_picture(client, png).json()
    [in_batch] = client.post("/batch", files={"file": png}).json()["answers"]
    explained = client.post("/explain", content=png).json()
    for answer in (predicted, in_batch):
        assert (answer["digit"], answer["verdict"]) == (wanted.digit, wanted.verdict)
        assert answer["probabilities"] == pytest.approx(wanted.reading.probabilities[0], abs=1e-6)
    for answer in (predicted, in_batch, explained):
        assert answer["is_digit"] == pytest.approx(wanted.reading.is_digit[0], abs=1e-6)


def assert_problem(response, kind, said=""):
    status, title = KINDS[kind]
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = schemas.ProblemDetail.model_validate_json(response.content)
    assert (body.status, body.title) == (status, title)
    assert body.type == f"urn:digit-recognizer:problem:{kind}"
    assert body.instance == f"urn:request:{response.headers['x-request-id']}"
    assert said in body.detail
    return body


FORMS = {
    "png": {"content": PNG, "headers": {"Content-Type": "image/png"}},
    "label in capitals": {"content": PNG, "headers": {"Content-Type": "IMAGE/PNG; x=y"}},
    "another label": {"content": PNG, "headers": {"Content-Type": "image/jpeg"}},
    "multipart": {"files": {"file": ("digit.png", PNG, "image/png")}},
    "multipart of no type": {"files": {"file": ("../../etc/passwd", PNG)}},
    "multipart with a field": {"files": {"file": ("digit.png", PNG)}, "data": {"who": "me"}},
    "base64": {"json": {"image": base64.b64encode(PNG).decode()}},
    "base64 with line breaks": {"json": {"image": base64.encodebytes(PNG).decode()}},
    "base64 with bare line breaks, as from a shell": {
        "content": b'{"image":\r\n"%s"}' % base64.encodebytes(PNG),
        "headers": {"Content-Type": "application/json"},
    },
    "base64 for URLs, without padding": {
        "json": {"image": base64.urlsafe_b64encode(PNG).decode().rstrip("=")}
    },
    "data url": {"json": {"image": "data:image/png;base64," + base64.b64encode(PNG).decode()}},
    "pixels": {"json": {"pixels": PIXELS}},
    "pixels with fractions": {"json": {"pixels": (SELF_TEST_DRAWING * 0.9).tolist()}},
    "larger pixels": {"json": {"pixels": (255 - np.asarray(seven())).tolist()}},
    "chunked": {"content": iter([PNG[:50], PNG[50:]]), "headers": {"Content-Type": "image/png"}},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_same_drawing_is_read_the_same(client, form):
    response = client.post("/predict", **FORMS[form])
    assert response.status_code == 200, response.text
    prediction = schemas.Prediction.model_validate_json(response.content)
    assert prediction.digit == SELF_TEST_DIGIT
    assert prediction.inverted == ("pixels" not in form)


@pytest.mark.parametrize(
    "media_type",
    [
        "image/jpg",
        "image/*",
        "application/octet-stream",
        "binary/octet-stream",
        "application/x-www-form-urlencoded",
        "text/plain;charset=UTF-8",
        "application/json",
        "multipart/form-data",
        None,
    ],
)
@pytest.mark.parametrize("route", ["/predict", "/read", "/explain"])
def test_a_picture_is_read_whatever_it_is_called(client, route, media_type):
    headers = {} if media_type is None else {"Content-Type": media_type}
    response = client.post(route, content=PNG, headers=headers)
    assert response.status_code == 200, response.text
    answer = response.json()
    assert str(answer["number"] if route == "/read" else answer["digit"]) == str(SELF_TEST_DIGIT)


UNIT = SELF_TEST_DRAWING / 255
NESTED = {
    "784 in one list": SELF_TEST_DRAWING.ravel(),
    "a column of 784": SELF_TEST_DRAWING.reshape(784, 1),
    "a batch of one": SELF_TEST_DRAWING[np.newaxis],
    "a batch of one with one channel": SELF_TEST_DRAWING.reshape(1, 28, 28, 1),
    "channels first": SELF_TEST_DRAWING.reshape(1, 1, 28, 28),
    "larger, with one channel": SELF_TEST_DRAWING.repeat(2, axis=0).repeat(2, axis=1)[..., None],
}


@pytest.mark.parametrize("name", NESTED)
def test_pixels_are_read_in_every_nesting_of_libraries(client, name):
    answer = client.post("/predict", json={"pixels": NESTED[name].tolist()}).json()
    assert answer["digit"] == SELF_TEST_DIGIT
    if NESTED[name].size == 784:
        assert answer == client.post("/predict", json={"pixels": PIXELS}).json()


SCALES = {
    "fractions of 1": np.where(UNIT > 0, 0.9, 0.1),
    "0 and 1": UNIT.astype(int),
    "0.0 and 1.0": UNIT,
    "0 and 1, flat": UNIT.astype(int).ravel(),
    "fractions, nested": np.where(UNIT > 0, 0.9, 0.1).reshape(1, 28, 28, 1),
    "dark on light": 1 - UNIT,
}


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize("route", ["/predict", "/read", "/explain"])
def test_numbers_of_at_most_1_are_taken_as_0_to_1_and_the_answer_says_so(client, route, name):
    small = client.post(route, json={"pixels": SCALES[name].tolist()}).json()
    large = client.post(route, json={"pixels": (SCALES[name] * 255).tolist()}).json()
    assert small == large | {"pixel_range": [0, 1]}
    assert "pixel_range" not in large


def test_numbers_of_which_one_is_above_1_are_not_of_that_scale(client):
    response = client.post("/predict", json={"pixels": (UNIT * 1.1).tolist()})
    assert_problem(response, "empty-drawing")


@pytest.mark.parametrize("data", [pytest.param(d, id=n) for n, d in pictures()])
def test_every_kind_of_picture_is_read(client, data):
    response = post_picture(client, data)
    assert response.status_code == 200, response.text
    assert response.json()["digit"] == SELF_TEST_DIGIT


def test_the_answer_is_what_the_network_says(client, weights_path):
    recognizer = load_weights(weights_path)
    framed = frame_drawing(np.asarray(seven()))
    wanted = recognizer.read(framed.frame[np.newaxis])
    response = post_picture(client, PNG)
    answer = response.json()
    assert answer["probabilities"] == pytest.approx(wanted.probabilities[0], abs=1e-6)
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-6)
    assert answer["digit"] == int(np.argmax(answer["probabilities"]))
    assert answer["confidence"] == max(answer["probabilities"])
    order = [alternative["digit"] for alternative in answer["alternatives"]]
    assert order == sorted(range(10), key=lambda d: -answer["probabilities"][d])
    if wanted.is_digit is not None:
        assert answer["is_digit"] == pytest.approx(wanted.is_digit[0], abs=1e-6)
    assert response.headers["x-model-digest"] == recognizer.digest
    sometimes = {"pixels", "ignored", "pixel_range"}
    assert set(answer) == set(schemas.Prediction.model_fields) - sometimes


def test_detail_adds_the_frame(client):
    answer = post_picture(client, PNG, params={"detail": "true"}).json()
    frame = frame_drawing(np.asarray(seven())).frame
    assert answer["pixels"] == np.rint((frame[:, :, 0] + 0.5) * 255).astype(int).tolist()
    assert answer["ignored"] == []
    for detail in ("1", "on", "True"):  # validated, as any query but the page's own
        assert post_picture(client, PNG, params={"detail": detail}).json() == answer
    assert "pixels" not in post_picture(client, PNG, params={"detail": "false"}).json()


def in_a_form(side: int) -> Image.Image:
    """A seven in a form's cell, with the next digit cut off at the right."""
    picture = seven(side)
    cell = ImageDraw.Draw(picture)
    unit = side // 100
    cell.rectangle((8 * unit, 8 * unit, 92 * unit, 92 * unit), outline=60, width=unit)
    cell.rectangle((97 * unit, 30 * unit, side, 70 * unit), fill=0)
    return picture


@pytest.mark.parametrize("side", [100, 300, 3000])
def test_a_digit_in_a_form_is_read_and_what_was_left_out_is_told(client, side):
    picture = in_a_form(side)
    answer = post_picture(client, encoded(picture, "PNG"), params={"detail": "true"}).json()
    assert (answer["digit"], answer["verdict"]) == (7, "digit")
    assert answer["pixels"] != post_picture(client, PNG, params={"detail": "true"}).json()["pixels"]
    unit = side / 100
    neighbour = min(answer["ignored"], key=lambda box: -box["left"])
    assert neighbour["left"] == pytest.approx(97 * unit, abs=3 * unit)
    assert neighbour["top"] == pytest.approx(30 * unit, abs=3 * unit)
    assert neighbour["height"] == pytest.approx(40 * unit, abs=6 * unit)
    for box in answer["ignored"]:
        assert box["left"] + box["width"] <= side
        assert box["top"] + box["height"] <= side
    assert len(answer["ignored"]) >= 5  # the neighbour, and the four sides of the cell


def test_what_is_explained_is_the_frame_that_was_read(client):
    data = encoded(in_a_form(300), "PNG")
    read = post_picture(client, data, params={"detail": "true"}).json()
    headers = {"Content-Type": "image/png"}
    explained = client.post("/explain", content=data, headers=headers).json()
    assert explained["pixels"] == read["pixels"]
    assert explained["digit"] == read["digit"]


def test_a_photograph_of_48_megapixels_is_read(client):
    photo = Image.new("RGB", (8064, 6048), (235, 230, 225))
    photo.paste(seven(6048), (1000, 0), Image.eval(seven(6048), lambda grey: 255 - grey))
    response = client.post("/predict", files={"file": encoded(photo, "JPEG")})
    assert response.json()["digit"] == SELF_TEST_DIGIT, response.text


def single_pixels(side: int, count: int) -> np.ndarray:
    """Grey pixels on white, so many along each side, none beside another."""
    picture = np.full((side, side), 255, np.uint8)
    step = side // count
    picture[1::step, 1::step] = np.random.default_rng(6).integers(0, 150, (count, count))
    return picture


@pytest.mark.parametrize(("side", "count"), [(300, 75), (1024, 2), (1000, 5), (400, 20), (60, 2)])
def test_single_pixels_of_which_no_stroke_is_left_are_answered(client, side, count):
    picture = single_pixels(side, count)
    for route in ("/predict", "/read", "/explain"):
        response = client.post(route, content=encoded(Image.fromarray(picture), "PNG"))
        assert response.status_code in (200, 422), response.text


def test_two_digits_are_not_taken_for_one_of_them(client):
    both = Image.new("L", (560, 280), 255)
    both.paste(seven(), (0, 0))
    both.paste(seven(), (280, 0))
    assert post_picture(client, encoded(both, "PNG")).json()["verdict"] != "digit"


def test_server_timing_names_the_steps(client):
    timing = post_picture(client, PNG).headers["server-timing"]
    steps = [step.split(";")[0] for step in timing.split(", ")]
    assert steps == ["decode", "preprocess", "infer", "total"]
    timing = post_picture(client, encoded(in_a_form(300), "PNG")).headers["server-timing"]
    assert "second_look" in timing


def test_a_large_picture_is_read_in_a_thread(client):
    assert post_picture(client, encoded(seven(2800), "PNG")).json()["digit"] == SELF_TEST_DIGIT


@pytest.mark.parametrize(
    ("data", "allowed"), [pytest.param(d, a, id=n) for n, d, a in nasty_files()]
)
def test_nasty_files_are_answered(client, data, allowed):
    response = post_picture(client, data)
    assert response.status_code in allowed
    if response.status_code != 200:
        schemas.ProblemDetail.model_validate_json(response.content)


@pytest.mark.parametrize("query", ["", "?detail=true"])  # which it has not, so it is left alone
def test_explain(client, query):
    response = client.post(f"/explain{query}", files={"file": PNG})
    explanation = schemas.Explanation.model_validate_json(response.content)
    assert explanation.digit == SELF_TEST_DIGIT
    assert explanation.is_digit == client.post("/predict", files={"file": PNG}).json()["is_digit"]
    influence = np.array(explanation.influence)
    assert influence.shape == (28, 28)
    assert np.abs(influence).max() == pytest.approx(1)
    maps = np.array(explanation.feature_maps)
    assert maps.ndim == 3
    assert (maps.min(), maps.max()) == (0, 255)
    assert np.array(explanation.pixels).shape == (28, 28)


def test_an_explanation_is_compressed_for_those_who_take_it(client):
    plain, packed = (
        client.post("/explain", files={"file": PNG}, headers={"Accept-Encoding": encoding})
        for encoding in ("identity", "gzip")
    )
    assert packed.json() == plain.json()  # httpx unpacks it
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"


def test_model_tells_what_is_loaded(client, weights_path):
    recognizer = load_weights(weights_path)
    info = schemas.ModelInfo.model_validate_json(client.get("/model").content)
    assert info.digest == recognizer.digest
    assert info.labels == list("0123456789")
    assert info.about["architecture"] == recognizer.about["architecture"]


def pixels_but(y, x, value):
    rows = [list(row) for row in PIXELS]
    rows[y][x] = value
    return {"pixels": rows}


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        ([], "#"),
        (7, "#"),
        ({}, "#"),
        ({"picture": "x"}, "#"),
        ({"pixels": PIXELS, "image": "x"}, "#"),
        ({"pixels": PIXELS, "more": 1}, "#"),
        ({"pixels": 5}, "#/pixels"),
        ({"pixels": [5]}, "#/pixels"),
        ({"pixels": [5] * 28}, "#/pixels"),
        ({"pixels": "0" * 28}, "#/pixels"),
        ({"pixels": {"0": 1}}, "#/pixels"),
        ({"pixels": PIXELS[:27]}, "#/pixels"),
        ({"pixels": [row[:27] for row in PIXELS]}, "#/pixels/0"),
        ({"pixels": [*PIXELS[:-1], PIXELS[0][:-1]]}, "#/pixels/27"),
        ({"pixels": [*PIXELS[:-1], [PIXELS[0]]]}, "#/pixels/27"),
        ({"pixels": [[]] * 28}, "#/pixels/0"),
        (pixels_but(3, 4, -1), "#/pixels/3/4"),
        (pixels_but(3, 4, 256), "#/pixels/3/4"),
        (pixels_but(3, 4, 255.5), "#/pixels/3/4"),
        (pixels_but(3, 4, True), "#/pixels/3/4"),
        (pixels_but(3, 4, False), "#/pixels/3/4"),
        (pixels_but(3, 4, None), "#/pixels/3/4"),
        (pixels_but(3, 4, "9"), "#/pixels/3/4"),
        (pixels_but(3, 4, [9]), "#/pixels/3/4"),
        (pixels_but(3, 4, 10**400), "#/pixels/3/4"),
        ({"pixels": [PIXELS, PIXELS]}, "#/pixels"),
        ({"pixels": [0.5] * 783}, "#/pixels"),
        ({"pixels": [True] * 784}, "#/pixels"),
        ({"pixels": ["0"] * 784}, "#/pixels"),
        ({"pixels": [10**400] * 784}, "#/pixels"),
        ({"pixels": [PIXELS[:-1]]}, "#/pixels"),
        ({"pixels": [[*PIXELS[:-1], [0]]]}, "#/pixels"),
        ({"pixels": [[[[grey] * 3 for grey in row] for row in PIXELS]]}, "#/pixels"),
        ({"pixels": [*[0] * 700, 256, *[0] * 83]}, "#/pixels/700"),
        ({"pixels": [pixels_but(3, 4, -1)["pixels"]]}, "#/pixels/0/3/4"),
        ({"image": 5}, "#/image"),
        ({"image": "not base64!"}, "#/image"),
        ({"image": "QUJDQ"}, "#/image"),
        ({"image": "QU=JD"}, "#/image"),
        ({"image": "QUJD\xa0QUJD"}, "#/image"),
        ({"image": "data:text/html;base64,QUJD"}, "#/image"),
        ({"image": "data:image/png;a=1,b;base64,QUJD"}, "#/image"),
        ({"image": "data:image/png,QUJD"}, "#/image"),
        ({"image": "data:image/" + "p" * 5000 + ";base64,QUJD"}, "#/image"),
    ],
)
def test_wrong_json_is_told_where(client, content, pointer):
    body = assert_problem(client.post("/predict", json=content), "invalid")
    assert body.errors[0].pointer == pointer


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"nonsense",
        b" ",
        b'{"pixels": [[NaN]]}',
        b'{"pixels": [[Infinity]]}',
        b'{"image": "\xff\xfe"}',
        b'{"image": "\\ud800"}',
        json.dumps({"pixels": PIXELS}).encode("utf-16"),
        b"[" * 60_000,
        b'{"a":' * 30_000,
        b'{"pixels": [[01]]}',
        b'{"pixels": []} {"pixels": []}',
    ],
)
def test_what_is_no_json_is_told_so(client, text):
    response = client.post("/predict", content=text, headers={"Content-Type": "application/json"})
    assert_problem(response, "bad-json")


def json_of(side: int) -> bytes:
    return json.dumps({"pixels": np.zeros((side, side), int).tolist()}).encode()


def test_pixels_of_512_x_512_are_read(client):
    side = 512
    pixels = np.kron(SELF_TEST_DRAWING, np.ones((19, 19), int))[:side, :side]
    answer = client.post("/predict", json={"pixels": pixels.tolist()}).json()
    assert answer["digit"] == SELF_TEST_DIGIT


@pytest.mark.parametrize(
    "text",
    [
        json_of(600),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"pixels":[' + b"[]," * 1_000_000 + b"[]]}",
        b"[" + b"[[[[]]]]," * 400_000 + b"0]",
        b"{" + b'"a":0,' * 600_000 + b'"a":0}',
    ],
)
@pytest.mark.parametrize("route", ["/predict", "/v2/models/digits/infer"])
def test_json_of_very_many_values_is_refused_unparsed(client, route, text):
    response = client.post(route, content=text, headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert "more than 270000 values" in response.text


@pytest.mark.parametrize("exponent", ["1e400", "-1e400", "9" * 5000])
def test_numbers_beyond_all_bounds_are_refused(client, exponent):
    text = json.dumps(pixels_but(3, 4, 77)).replace("77", exponent)
    response = client.post("/predict", content=text, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"content": b"{}"}, "unsupported-type", "A body without a Content-Type is read if"),
        ({"content": b"{}"}, "unsupported-type", "multipart/form-data or application/json"),
        ({"content": b"<svg/>", "headers": {"Content-Type": "image/svg+xml; charset=utf-8"}},
         "unsupported-type", "A body of the type image/svg+xml is read if it is a picture"),
        ({"content": b"x", "headers": {b"Content-Type": b"\xff"}},
         "unsupported-type", "A body of an unknown type is read if"),
        ({"content": PNG[1:], "headers": {"Content-Type": "application/octet-stream"}},
         "unsupported-type", "application/octet-stream is read if it is a picture, and this is"),
        ({"data": {"image": "x"}}, "unsupported-type", "the type application/x-www-form-urlenc"),
        ({"data": {"image": "x"}}, "unsupported-type", "image/png"),
        ({"content": b"{}", "headers": {"Content-Type": "multipart/form-data"}},
         "bad-form", "names no boundary; leave this header to your client"),
        ({"content": b"", "headers": {"Content-Type": "image/png"}}, "bad-request", "empty"),
        (
            {"content": PNG, "headers": {"Content-Type": "image/png", "Content-Encoding": "gzip"}},
            "unsupported-encoding",
            "Content-Encoding",
        ),
        ({"files": {"picture": PNG}}, "invalid", "one part named file"),
        ({"files": [("file", PNG), ("file", PNG)]}, "invalid", "2 parts"),
        ({"files": [("x", PNG)] * 9}, "too-large", "more than 4 parts"),
        ({"files": {"file": b"text"}}, "unsupported-type", "PNG, JPEG"),
        ({"content": encoded(seven().point(lambda _: 255), "PNG"),
          "headers": {"Content-Type": "image/png"}}, "empty-drawing", "empty"),
        ({"json": {"pixels": [[0] * 28] * 28}}, "empty-drawing", "empty"),
        ({"files": {"file": PNG}, "params": {"detail": "perhaps"}}, "invalid", "detail"),
    ],
)  # fmt: skip
def test_every_refusal_says_what_would_be_right(client, options, kind, said):
    assert_problem(client.post("/predict", **options), kind, said)


PART_OF_FORM = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n'


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=" + "x" * 500, b"--x"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        ("multipart/form-data; boundary=x", PART_OF_FORM + b"abc"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 100 + b"\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nA: " + b"b" * 100_000),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A" * 100_000),
    ],
)  # fmt: skip
def test_broken_forms_are_bad_requests(client, content_type, body):
    response = client.post("/predict", content=body, headers={"Content-Type": content_type})
    assert_problem(response, "bad-form")


def test_thousands_of_parts_are_refused_at_the_fifth(client):
    response = client.post(
        "/predict",
        content=(PART_OF_FORM + b"b\r\n") * 30_000,
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert_problem(response, "too-large", "more than 4 parts")


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/nothing", "not-found"),
        ("POST", "/nothing", "not-found"),
        ("POST", "/", "wrong-method"),
        ("GET", "/../app/main.py", "not-found"),
        ("GET", "/..%2fapp%2fmain.py", "not-found"),
        ("GET", "/docs/..%2f..%2fmain.py", "not-found"),
        # Not in their plain form: a proxy's rule for /metrics does not see them.
        ("GET", "/%6detrics", "not-found"),
        ("GET", "/metrics%3f", "not-found"),
        ("POST", "/pre%64ict", "not-found"),
        ("GET", "/%73tyle.css", "not-found"),
        ("GET", "/predict", "wrong-method"),
        ("DELETE", "/model", "wrong-method"),
        ("OPTIONS", "/predict", "wrong-method"),
        ("TRACE", "/", "wrong-method"),
    ],
)
def test_what_is_not_there_is_a_problem_too(client, method, path, kind):
    response = client.request(method, path)
    assert_problem(response, kind)
    if kind == "wrong-method":
        assert response.headers["allow"]


def test_head_is_answered_without_a_body(client):
    for path in ("/", "/livez", "/readyz", "/model", "/docs", "/openapi.json"):
        response = client.head(path)
        assert response.status_code == 200, path
        assert response.content == b""


def test_nothing_that_was_sent_comes_back(client):
    secret = "s3cret-value"
    as_type = {"Content-Type": secret}
    answers = [
        client.get(f"/{secret}", headers={"Host": secret, "X-Forwarded-Host": secret}),
        client.post("/predict", json={secret: secret}),
        client.post("/predict", json={"image": secret}),
        client.post("/predict", files={secret: secret.encode()}),
        client.post("/predict", content=b"x", headers=as_type),
        client.post(f"/predict?detail={secret}", files={"file": PNG}),
        client.get("/", headers={"X-Request-ID": secret + " <script>"}),
        client.get("/readyz/", headers={"Host": secret}),
    ]
    for answer in answers:
        assert secret not in answer.text
        assert secret not in str(answer.headers)


def test_transparent_drawings_are_read_in_any_ink(client):
    for ink in (0, 100, 200, 255):
        answer = post_picture(client, encoded(transparent(ink), "PNG")).json()
        assert answer["digit"] == SELF_TEST_DIGIT
        assert answer["inverted"] == (ink < 128)


def test_the_document_describes_every_form_and_its_examples_work(client):
    document = client.get("/openapi.json").json()
    operation = document["paths"]["/predict"]["post"]
    content = operation["requestBody"]["content"]
    assert set(content) == {
        "application/json", "multipart/form-data", "image/png", "image/jpeg", "image/webp",
        "image/gif", "image/bmp", "application/octet-stream",
    }  # fmt: skip
    for status in ("400", "401", "408", "413", "415", "422", "429", "503"):
        assert "application/problem+json" in operation["responses"][status]["content"]
    for path, methods in document["paths"].items():
        for example in (
            methods.get("post", {})
            .get("requestBody", {})
            .get("content", {})
            .get("application/json", {})
            .get("examples", {})
            .values()
        ):
            url = path.replace("{version}", client.get("/model").json()["digest"])
            assert client.post(url, json=example["value"]).status_code == 200
