"""What is loaded, and when it counts as ready."""

import asyncio
import contextlib

import httpx
import pytest
from running import PROJECT

from app.drawings.self_test import SELF_TEST_DIGIT, SELF_TEST_DRAWING, self_test_png
from app.errors import Problem
from app.main import create_app
from app.service import Service
from app.settings import Settings
from model.errors import WeightsError
from model.nn.layers import Dense
from model.nn.network import Network
from model.recognizer import Recognizer
from model.weights import save_weights


def ask(settings, *requests, started=True):
    """Ask an app in this process; `started` runs its lifespan first."""

    async def answers():
        app = create_app(settings)
        lifespan = app.router.lifespan_context(app) if started else contextlib.nullcontext()
        transport = httpx.ASGITransport(app)
        async with lifespan, httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return [await client.request(m, path, **options) for m, path, options in requests]

    return asyncio.run(answers())


def constant_weights(path, digit):
    """Weights of a network that reads everything as one digit."""
    network = Network([Dense(10)])  # of zeros
    network.layers[0].parameters["bias"][digit] = 10
    save_weights(path, Recognizer(network, 1.0, 1.0, 0.0, {}))
    return path


def test_not_ready_until_loaded(weights_path):
    settings = Settings(weights=weights_path)
    paths = [
        "/readyz",
        "/model",
        "/v2/health/ready",
        "/v2/models/digits/ready",
        "/v2/models/digits",
    ]
    requests = [("GET", path, {}) for path in paths] + [("POST", "/predict", {"json": {}})]
    assert {answer.status_code for answer in ask(settings, *requests, started=False)} == {503}
    live, ready = ask(settings, ("GET", "/livez", {}), ("GET", "/readyz", {}))
    assert live.json() == {"status": "alive"}
    assert ready.json() == {"status": "ready"}
    assert ask(settings, ("GET", "/livez", {}), started=False)[0].status_code == 200


def test_weights_that_misread_a_plain_digit_are_refused(tmp_path):
    good = constant_weights(tmp_path / "good.npz", SELF_TEST_DIGIT)
    service = Service(Settings(weights=good))
    service.load()
    before = service.ready()
    constant_weights(good, 3)
    with pytest.raises(WeightsError, match="reads a plain 7 as 3"):
        service.load()
    assert service.reload() is False
    assert service.ready() is before


def test_missing_weights_stop_the_start(tmp_path):
    with pytest.raises(WeightsError, match="does not exist"):
        ask(Settings(weights=tmp_path / "none.npz"))


def test_the_tutorial_network_can_be_served():
    tensor = {"name": "image", "shape": [1, 28, 28, 1], "datatype": "UINT8"}
    tensor["data"] = SELF_TEST_DRAWING.ravel().tolist()
    reading, inference = ask(
        Settings(weights=PROJECT / "weights" / "tutorial.npz"),
        ("POST", "/predict", {"json": {"image": self_test_png()}}),
        ("POST", "/v2/models/digits/infer", {"json": {"inputs": [tensor]}}),
    )
    assert reading.json()["digit"] == SELF_TEST_DIGIT
    assert reading.json()["is_digit"] is None
    assert reading.json()["verdict"] in ("digit", "unsure")
    assert [output["name"] for output in inference.json()["outputs"]] == ["probabilities"]


def test_verdicts_follow_the_settings(weights_path):
    for confident_above, digit_above, not_a_digit_below, verdict in (
        (0, 0, 0, "digit"),
        (1, 0, 0, "unsure"),
        (0, 1, 0, "unsure"),
        (0, 1, 1, "not a digit"),
    ):
        settings = Settings(
            weights=weights_path,
            confident_above=confident_above,
            digit_above=digit_above,
            not_a_digit_below=not_a_digit_below,
        )
        request = ("POST", "/predict", {"json": {"image": self_test_png()}})
        assert ask(settings, request)[0].json()["verdict"] == verdict


def test_a_fault_of_our_own_says_nothing_but_the_id(weights_path, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("secret")

    request = (
        "POST",
        "/predict",
        {"json": {"image": self_test_png()}, "headers": {"X-Request-ID": "mine"}},
    )
    monkeypatch.setattr("app.api.routes.look", broken)
    response = ask(Settings(weights=weights_path), request)[0]
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["instance"] == "urn:request:mine"
    assert "secret" not in response.text
    assert "RuntimeError" not in response.text


def test_a_problem_of_no_known_kind_cannot_be_made():
    with pytest.raises(KeyError, match="no-such-kind"):
        Problem("no-such-kind", "x")
