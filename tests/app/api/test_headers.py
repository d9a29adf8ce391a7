"""The headers of every kind of answer, all of them: one too few is seen, and one too many."""

import asyncio
from typing import Any
from unittest.mock import ANY

import httpx
import pytest
from sockets import PNG, answer, connection

from app.drawings.self_test import SELF_TEST_DRAWING
from app.main import create_app
from app.settings import Settings

EVERY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-request-id": ANY,
}
API = EVERY | {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
JSON = API | {"content-type": "application/json"}
PROBLEM = API | {"content-type": "application/problem+json"}
FILE = EVERY | {"cache-control": "no-cache", "vary": "Accept-Encoding", "etag": ANY}
DOCUMENT = FILE | {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}
READING = JSON | {"x-model-digest": ANY, "server-timing": ANY}
PACKED = READING | {"vary": "Accept-Encoding"}
GZIP = {"content-encoding": "gzip"}

INFER = "/v2/models/digits/infer"
TENSOR = {"name": "image", "shape": [1, 28, 28, 1], "datatype": "UINT8"}
IN_JSON: dict[str, Any] = {"inputs": [{**TENSOR, "data": SELF_TEST_DRAWING.ravel().tolist()}]}
IN_BYTES = {**IN_JSON, "parameters": {"binary_data_output": True}}
FILES = {"files": {"file": PNG}}
TAKES_GZIP = {"headers": {"Accept-Encoding": "gzip"}}
# method, address, what is sent, the status, the headers
ANSWERS: list[tuple[str, str, dict[str, Any], int, dict[str, Any]]] = [
    ("GET", "/", {}, 200, DOCUMENT | {"content-type": "text/html; charset=utf-8"}),
    ("GET", "/", TAKES_GZIP, 200, DOCUMENT | GZIP | {"content-type": "text/html; charset=utf-8"}),
    ("GET", "/", {"headers": {"If-None-Match": "*"}}, 304, DOCUMENT),
    ("GET", "/docs", {}, 200, DOCUMENT | {"content-type": "text/html; charset=utf-8"}),
    ("GET", "/about", {}, 200, DOCUMENT | {"content-type": "text/html; charset=utf-8"}),
    ("GET", "/icon.svg", {}, 200, DOCUMENT | {"content-type": "image/svg+xml"}),
    ("GET", "/main.js", {}, 200, FILE | {"content-type": "text/javascript; charset=utf-8"}),
    ("GET", "/style.css", {}, 200, FILE | {"content-type": "text/css; charset=utf-8"}),
    ("GET", "/main.js", {"headers": {"If-None-Match": "*"}}, 304, FILE),
    ("GET", "/livez", {}, 200, JSON),
    ("HEAD", "/livez", {}, 200, JSON),
    ("GET", "/readyz", {}, 200, JSON),
    ("GET", "/metrics", {}, 200, API | {"content-type": ANY}),
    ("GET", "/openapi.json", {}, 200, JSON),
    ("GET", "/model", {}, 200, JSON),
    ("GET", "/v2", {}, 200, JSON),
    ("GET", "/v2/models/digits", {}, 200, JSON),
    ("POST", "/predict", FILES, 200, READING),
    ("POST", "/read", FILES, 200, READING),
    ("POST", "/batch", FILES, 200, PACKED),
    ("POST", "/batch", FILES | TAKES_GZIP, 200, PACKED | GZIP),
    ("POST", "/explain", FILES, 200, PACKED),
    ("POST", "/explain", FILES | TAKES_GZIP, 200, PACKED | GZIP),
    ("POST", INFER, {"json": IN_JSON}, 200, JSON | {"x-model-digest": ANY}),
    (
        "POST",
        INFER,
        {"json": IN_BYTES},
        200,
        API
        | {
            "content-type": "application/octet-stream",
            "inference-header-content-length": ANY,
            "x-model-digest": ANY,
        },
    ),
    ("POST", "/predict", {"json": {}}, 422, PROBLEM | {"x-model-digest": ANY}),
    ("POST", INFER, {"json": {}}, 422, JSON | {"x-model-digest": ANY}),
    ("POST", "/predict?detail=x", FILES, 422, PROBLEM),
    ("GET", "/nothing", {}, 404, PROBLEM),
    ("GET", "/v2/nothing", {}, 404, JSON),
    ("GET", "/%6civez", {}, 404, PROBLEM),
    ("GET", "/predict", {}, 405, PROBLEM | {"allow": "POST"}),
    ("OPTIONS", "/model", {}, 405, PROBLEM | {"allow": "GET, HEAD"}),
]


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "headers"),
    ANSWERS,
    ids=[f"{status} {method} {path}" for method, path, _, status, _ in ANSWERS],
)
def test_an_answer_has_its_headers_and_no_other(service, method, path, options, status, headers):
    with httpx.Client(base_url=service, headers={"Accept-Encoding": "identity"}) as client:
        response = client.request(method, path, **options)
    assert response.status_code == status
    found = {name: value for name, value in response.headers.items() if name != "date"}
    length = found.pop("content-length", None)
    assert found == headers
    if status != 304 and method != "HEAD" and "content-encoding" not in found:
        assert length == str(len(response.content))


def test_a_refusal_of_what_is_no_request_has_those_of_every_other(running_service):
    with connection(running_service) as sock:
        sock.sendall(b"nonsense\r\n\r\n")
        status, headers, body = answer(sock)
    assert status == 400
    assert headers == PROBLEM | {"connection": "close", "content-length": str(len(body))}


def in_process(settings: Settings, scheme: str, *requests: dict[str, Any]) -> list[httpx.Response]:
    async def answers() -> list[httpx.Response]:
        transport = httpx.ASGITransport(create_app(settings))
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://x") as client:
            return [await client.request(**request) for request in requests]

    return asyncio.run(answers())


@pytest.mark.parametrize("path", ["/", "/style.css", "/livez", "/nothing"])
def test_what_comes_by_tls_is_only_to_come_so(path):
    [plain] = in_process(Settings(), "http", {"method": "GET", "url": path})
    [secret] = in_process(Settings(), "https", {"method": "GET", "url": path})
    assert secret.headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in plain.headers


def test_a_listed_origin_may_send_and_see_what_a_client_needs():
    origin = "https://friend.example"
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-request-id",
    }
    before, after = in_process(
        Settings(cors_origins=(origin,)),
        "http",
        {"method": "OPTIONS", "url": "/predict", "headers": asked},
        {"method": "GET", "url": "/livez", "headers": {"Origin": origin}},
    )
    assert before.status_code == 200
    assert before.headers["access-control-allow-methods"] == "GET, POST"
    allowed = set(before.headers["access-control-allow-headers"].split(", "))
    assert allowed >= {"Authorization", "Content-Type", "X-Request-ID"}
    exposed = set(after.headers["access-control-expose-headers"].split(", "))
    assert exposed == {"X-Request-ID", "X-Model-Digest", "Retry-After", "Server-Timing"}
    assert after.headers["vary"] == "Origin"
