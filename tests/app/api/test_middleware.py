"""What is around every request, where the routes fail."""

import asyncio
import json
import logging

import httpx
import pytest

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


def test_of_a_fault_the_log_has_all_and_the_caller_its_id(log):
    async def fault():
        raise RuntimeError("something private")

    async def answer():
        app = create_app(Settings())
        app.add_api_route("/fault", fault)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get("/fault", headers={"X-Request-ID": "mine"})

    answered = asyncio.run(answer())
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
