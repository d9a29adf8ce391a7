"""What is around every request, where the routes fail."""

import asyncio
import json
import logging

import httpx
import pytest
from fastapi import HTTPException

from app.main import create_app
from app.settings import Settings
from app.telemetry.logs import JsonLines


@pytest.fixture
def log():
    """The records that the service's logger gets."""
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logger = logging.getLogger("digits")
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)


def answer_of(route):
    """What a caller gets where this is the route."""

    async def ask():
        app = create_app(Settings())
        app.add_api_route("/added", route)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get("/added", headers={"X-Request-ID": "mine"})

    return asyncio.run(ask())


def test_the_methods_of_an_address_are_told_in_one_order():
    """The framework keeps them in a set, whose order another process does not share."""

    async def refuse():
        raise HTTPException(405, headers={"Allow": "POST, HEAD, GET"})

    assert answer_of(refuse).headers["allow"] == "GET, HEAD, POST"


def test_of_a_fault_the_log_has_all_and_the_caller_its_id(log):
    async def fault():
        raise RuntimeError("something private")

    answered = answer_of(fault)
    assert answered.status_code == 500
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.headers["x-request-id"] == "mine"
    assert answered.json()["instance"] == "urn:request:mine"
    assert "private" not in answered.text
    [record] = [record for record in log if record.levelno == logging.ERROR]
    line = json.loads(JsonLines().format(record))
    assert line["request"] == "mine"
    assert line["message"] == "a fault while answering"
    assert "RuntimeError: something private" in line["traceback"]
