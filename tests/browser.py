"""What the browser tests share: Chromium, a service that answers as it is told, and pens."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent.parent / "static"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@contextmanager
def launch() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def reading(digit: int, **changes: Any) -> Response:
    """An answer of POST /predict that is sure of a digit."""
    probabilities = [0.0005] * 10
    probabilities[digit] = 0.9955
    order = sorted(range(10), key=lambda each: -probabilities[each])
    answer = {
        "digit": digit,
        "confidence": 0.9955,
        "probabilities": probabilities,
        "inverted": True,
        "is_digit": 0.999,
        "verdict": "digit",
        "alternatives": [{"digit": d, "probability": probabilities[d]} for d in order],
        "pixels": [
            [8 * row if 10 < column < 18 else 0 for column in range(28)] for row in range(28)
        ],
    }
    return JSONResponse(answer | changes)


def problem(status: int, detail: str, kind: str = "about:blank", **headers: str) -> Response:
    """An error in the form that the service gives it."""
    body = {"type": kind, "title": "Error", "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


Answer = Callable[[int, bytes], Awaitable[Response]]


class ScriptedService:
    """A real server on a port of its own that serves the page and answers as a test tells it.

    `answer(n, png)` answers the n-th question to /predict, counted from 1.
    """

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.pictures: list[bytes] = []
        self.answer: Answer = self.always_seven
        self._server: uvicorn.Server | None = None

    @staticmethod
    async def always_seven(n: int, png: bytes) -> Response:
        return reading(7)

    async def _predict(self, request: Request) -> Response:
        png = await request.body()
        self.pictures.append(png)
        return await self.answer(len(self.pictures), png)

    async def _explain(self, request: Request) -> Response:
        shades = [[(row * column) % 256 for column in range(26)] for row in range(26)]
        signs = [[(row - 14) / 14 for _ in range(28)] for row in range(28)]
        pixels = [[0] * 28 for _ in range(28)]
        return JSONResponse(
            {"digit": 7, "pixels": pixels, "feature_maps": [shades] * 8, "influence": signs}
        )

    def start(self) -> None:
        routes = [
            Route("/predict", self._predict, methods=["POST"]),
            Route("/explain", self._explain, methods=["POST"]),
            Mount("/", StaticFiles(directory=STATIC, html=True)),
        ]
        app = Starlette(routes=routes, middleware=[Middleware(_WithPolicy)])
        config = uvicorn.Config(app, port=self.port, log_level="error", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        if self._server:
            self._server.should_exit = True
            self._thread.join()
            self._server = None


class _WithPolicy:
    """The Content-Security-Policy that the real service sends with the page."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", POLICY.encode()))
            await send(message)

        await self.app(scope, receive, send_with_policy if scope["type"] == "http" else send)


async def pause(seconds: float) -> None:
    await asyncio.sleep(seconds)
