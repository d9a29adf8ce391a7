"""A real server that serves the page and answers as a test tells it."""

import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from PIL import Image, ImageDraw
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from app.web.pages import DOCUMENT_HEADERS

STATIC = Path(__file__).parents[2] / "static"

Answer = Callable[[int], Awaitable[Response]]


def _frame() -> list[list[int]]:
    """A 7 as the network is given one: 28x28, 0..255."""
    picture = Image.new("L", (28, 28))
    ImageDraw.Draw(picture).line([(7, 6), (20, 6), (12, 22)], 255, 3)
    return np.asarray(picture).tolist()


FRAME = _frame()


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
        "alternatives": [{"digit": each, "probability": probabilities[each]} for each in order],
        "pixels": FRAME,
    }
    return JSONResponse(answer | changes)


def number(text: str, boxes: Sequence[Sequence[float]], **changes: Any) -> Response:
    """An answer of POST /read that is sure of a number.

    boxes: (left, top, width, height) of each digit, in pixels of the picture that was sent.
    """
    digits = []
    for sign, box in zip(text, boxes, strict=True):
        probabilities = [0.0005] * 10
        probabilities[int(sign)] = 0.9955
        sides = dict(zip(("left", "top", "width", "height"), box, strict=True))
        digits.append(
            {
                "digit": int(sign),
                "confidence": 0.9955,
                "probabilities": probabilities,
                "box": sides,
                "pixels": FRAME,
            }
        )
    answer = {
        "number": text,
        "confidence": 0.98,
        "verdict": "number",
        "digits": digits,
        "alternatives": [{"number": text, "probability": 0.98}],
        "ignored": [],
        "inverted": True,
    }
    return JSONResponse(answer | changes)


def explanation(digit: int) -> Response:
    """An answer of POST /explain: four feature maps, and influence that rises downwards."""
    maps = [[[(row * column) % 256 for column in range(14)] for row in range(14)] for _ in range(4)]
    return JSONResponse(
        {
            "digit": digit,
            "is_digit": 0.97,
            "pixels": [[255] * 28 for _ in range(28)],
            "feature_maps": maps,
            "influence": [[(row - 14) / 14] * 28 for row in range(28)],
        }
    )


def problem(status: int, detail: str, kind: str = "invalid", **headers: str) -> Response:
    """A refusal in the form that the service gives it."""
    body = {
        "type": f"urn:digit-recognizer:problem:{kind}",
        "title": "Refused",
        "status": status,
        "detail": detail,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


class ScriptedService:
    """The page, and a /predict of which a test says what it answers.

    ``answer(n)`` answers the n-th question, counted from 1; ``questions`` has each question's
    picture (PNG) and its time of arrival (``time.monotonic`` seconds). The picture ``example`` is
    always a 3, and no question: the page has it read by itself. ``answer_number()`` answers at
    /read; without it there is no network for numbers. ``parts`` has the pictures that came to
    /explain.
    """

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.questions: list[tuple[bytes, float]] = []
        self.answer: Answer = self._seven
        self.answer_number: Callable[[], Response] | None = None
        self.parts: list[bytes] = []
        self.example = b""
        self._server: uvicorn.Server | None = None

    @staticmethod
    async def _seven(n: int) -> Response:
        return reading(7)

    async def _predict(self, request: Request) -> Response:
        picture = await request.body()
        if picture == self.example:
            return reading(3)
        self.questions.append((picture, time.monotonic()))
        return await self.answer(len(self.questions))

    async def _read(self, request: Request) -> Response:
        await request.body()
        if self.answer_number is None:
            return problem(503, "This service reads no numbers.", "not-ready")
        return self.answer_number()

    async def _explain(self, request: Request) -> Response:
        self.parts.append(await request.body())
        return explanation(7)

    def start(self) -> None:
        """Serve, on the same port each time."""
        app = Starlette(
            routes=[
                Route("/predict", self._predict, methods=["POST"]),
                Route("/read", self._read, methods=["POST"]),
                Route("/explain", self._explain, methods=["POST"]),
                Mount("/", _Page(directory=STATIC, html=True)),
            ]
        )
        config = uvicorn.Config(app, port=self.port, log_level="critical", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        """Close the port, and all connections."""
        if self._server is not None:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join()
            self._server = None


class _Page(StaticFiles):
    """With the headers that the real service sends, its Content-Security-Policy among them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(DOCUMENT_HEADERS)
        return response
