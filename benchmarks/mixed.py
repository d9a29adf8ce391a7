"""Good and bad requests, and 64 clients that send them: tens of thousands, or as many as one likes.

A long run prints a line for each round and keeps how far it has come, so that it can be broken off
and goes on when it is started again.
"""

import asyncio
import base64
import io
import json
import math
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
from PIL import Image

from app.drawings.self_test import SELF_TEST_DRAWING, SELF_TEST_PAIR
from app.settings import Settings
from benchmarks.clients.load import Connection, Failed, Refused, Service, request, same, service
from benchmarks.report import RESULTS, Row
from model.drawn.strokes import render
from model.files import write_whole

CLIENTS = 64
SLOW_CLIENTS = 4  # of a long run: each request in four pieces, some tenths of a second apart
ROUND = 5_000  # requests of a long run between two lines, and at most lost when it is broken off
MOST_GROWTH = 5.0  # MB after the warm-up
SETTINGS = Settings()


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def canvas(side: int) -> bytes:
    """Return a 7 with the page's usual pen as a canvas gives it: a PNG of four channels."""
    seven = np.array([(0.0, 0.0), (0.65, 0.0), (0.3, 1.0)])
    picture = Image.fromarray(render([seven])).resize((side, side), Image.Resampling.BOX)
    return _png(picture.convert("RGBA"))


def number() -> bytes:
    """Return a number of four digits as a canvas gives it: a PNG."""
    return _png(Image.fromarray(np.hstack([SELF_TEST_PAIR, SELF_TEST_PAIR])))


CANVAS = canvas(140)  # pixels: as the page sends a digit of this size
PIXELS = json.dumps({"pixels": SELF_TEST_DRAWING.tolist()}).encode()
PREDICT = "/predict?detail=true"  # as the page asks
READ_CANVAS = request("POST", PREDICT, CANVAS, "image/png")
READ_PIXELS = request("POST", PREDICT, PIXELS, "application/json")


class Case(NamedTuple):
    """A request and the status that it must get.

    answer: the body of a right answer, empty until that is known; None if any will do.
    weight: how often it is sent, of all weights.
    """

    sent: bytes
    status: int
    answer: bytes | None = None
    weight: int = 20


def cases() -> list[Case]:
    """Return good and bad requests, small but for three."""
    form = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + CANVAS + b"\r\n--b--\r\n"
    too_large, too_much = bytes(SETTINGS.body_bytes + 1), bytes(SETTINGS.json_bytes + 1)
    encoded = json.dumps({"image": base64.b64encode(CANVAS).decode()}).encode()
    return [
        Case(READ_CANVAS, 200, b""),
        Case(READ_PIXELS, 200, b""),
        Case(request("POST", PREDICT, form, "multipart/form-data; boundary=b"), 200, b""),
        Case(request("POST", PREDICT, encoded, "application/json"), 200, b""),
        Case(request("POST", "/explain", CANVAS, "image/png"), 200, b""),
        Case(request("GET", "/model"), 200, b""),
        Case(request("GET", "/livez"), 200, b""),
        Case(request("POST", "/predict", CANVAS[: len(CANVAS) // 2], "image/png"), 400),
        Case(request("POST", "/predict", b"{", "application/json"), 400),
        Case(request("POST", "/predict", b'{"pixels": []}', "application/json"), 422),
        Case(request("POST", "/predict", _png(Image.new("L", (280, 280))), "image/png"), 422),
        Case(request("POST", "/predict", b"%PDF", "image/png"), 415),
        # Seldom, for they would measure only the copying of bytes.
        Case(request("POST", "/predict", bytes(5 * 2**20), "image/png"), 415, weight=1),
        Case(request("POST", "/predict", too_large, "image/png"), 413, weight=1),
        Case(request("POST", "/predict", too_much, "application/json"), 413, weight=1),
        Case(request("GET", "/nothing"), 404),
        Case(request("PUT", "/predict"), 405),
    ]


def more_cases() -> list[Case]:
    """Return requests that are seldom but for a long run: numbers, and large pictures."""
    number = _png(Image.fromarray(SELF_TEST_PAIR))
    return [
        Case(request("POST", "/read", number, "image/png"), 200, b"", weight=5),
        Case(request("POST", "/read?length=4", number, "image/png"), 200, b"", weight=5),
        Case(request("POST", "/read?length=0", number, "image/png"), 422, weight=5),
        Case(request("POST", PREDICT, canvas(1000), "image/png"), 200, b"", weight=1),
    ]


async def with_answer(running: Service, case: Case) -> Case:
    """Note what a request is answered when nothing else is asked: so it must stay."""
    if case.answer is None:
        return case
    connection = Connection(running.port)
    answer = await connection.ask(case.sent)
    connection.close()
    if answer.status != case.status:
        raise SystemExit(f"{case.sent[:60]!r} is answered with {answer.status}: {answer.body!r}")
    return case._replace(answer=answer.body)


async def mixed(quick: bool) -> list[Row]:
    """Send 50,000 requests, or a tenth of them."""
    count = 5_000 if quick else 50_000
    with service() as running:
        asked = [await with_answer(running, case) for case in cases()]
        wrong: Counter[str] = Counter()
        rng = random.Random(0)
        await _ask(running, count // 5, asked, wrong, rng)  # warms up
        wrong.clear()
        start = time.monotonic()
        first, *_, last = [await _ask(running, count // 5, asked, wrong, rng) for _ in range(5)]
        seconds = time.monotonic() - start
        grown = last - first
    return [
        ("requests", f"{count} in {seconds:.0f} s", "", True),
        *_judged(wrong),
        (
            "memory after warm-up",
            f"{grown:+.1f} MB, of {last:.0f}",
            f"< +{MOST_GROWTH:g} MB",
            grown < MOST_GROWTH,
        ),
    ]


@dataclass
class Progress:
    """How far a long run has come.

    Attributes:
        asked, done: how many requests are to be sent, and have been.
        seconds: that took.
        wrong: what went wrong, by its kind.
        services: how often it was started, each time with a new service.
        grown: by how many MB the memory of one of these grew after its second round, at most.
        memory: MB of the last one: the least in its last round.
    """

    asked: int
    done: int = 0
    seconds: float = 0.0
    wrong: dict[str, int] = field(default_factory=dict)
    services: int = 0
    grown: float = 0.0
    memory: float = 0.0

    def line(self) -> str:
        """Return what there is to tell on one line."""
        wrong = ", ".join(f"{count} {kind}" for kind, count in self.wrong.items()) or "none wrong"
        rate = self.done / max(self.seconds, 1e-9)
        left = (self.asked - self.done) / max(rate, 1e-9) / 60
        return (
            f"{self.done:,} of {self.asked:,}: {wrong}; {rate:,.0f} a second, {left:.0f} min left; "
            f"memory {self.memory:.0f} MB, grown {self.grown:+.1f}"
        )


async def many(count: int, folder: Path = RESULTS, round_of: int = ROUND) -> list[Row]:
    """Send so many requests, large and slow ones among them; go on where the last such run ended.

    How far it has come stands in a file of the folder until it is done.
    """
    path = folder / f"mixed-{count}.json"
    progress = Progress(count)
    if path.exists():
        progress = Progress(**json.loads(path.read_text()))
        print(f"goes on: {progress.line()}", flush=True)
    progress.services += 1
    with service() as running:
        asked = [await with_answer(running, case) for case in [*cases(), *more_cases()]]
        rng = random.Random(progress.services)
        rounds: list[float] = []
        while progress.done < count:
            wrong: Counter[str] = Counter(progress.wrong)
            start = time.monotonic()
            this_round = min(round_of, count - progress.done)
            progress.memory = await _ask(running, this_round, asked, wrong, rng, SLOW_CLIENTS)
            progress.seconds += time.monotonic() - start
            progress.done += this_round
            progress.wrong = dict(wrong)
            rounds.append(progress.memory)
            progress.grown = max(progress.grown, progress.memory - rounds[:2][-1])
            write_whole(path, json.dumps(asdict(progress)).encode())
            print(progress.line(), flush=True)
    path.unlink()
    grown = progress.grown
    return [
        ("requests", f"{count:,} in {progress.seconds:,.0f} s", "", True),
        *_judged(progress.wrong),
        ("times broken off", f"{progress.services - 1}", "", True),
        (
            "memory after the second round",
            f"{grown:+.1f} MB, of {progress.memory:.0f}",
            f"< +{MOST_GROWTH:g} MB",
            grown < MOST_GROWTH,
        ),
    ]


def _judged(wrong: Mapping[str, int]) -> list[Row]:
    answers, resets = wrong.get("wrong answer", 0), wrong.get("reset", 0)
    statuses = sum(wrong.values()) - answers - resets
    counts = {"wrong answers": answers, "unexpected statuses": statuses, "resets": resets}
    return [(what, f"{count}", "0", count == 0) for what, count in counts.items()]


async def _ask(
    running: Service,
    count: int,
    asked: list[Case],
    wrong: Counter[str],
    rng: random.Random,
    slow_clients: int = 0,
) -> float:
    """Send so many requests; return the MB of memory that the service had at the least meanwhile.

    What it has at one moment may be a large picture's, or what is kept free for the next.
    """
    todo = iter(rng.choices(asked, [case.weight for case in asked], k=count))

    async def client(number: int) -> None:
        pieces, pause = (4, 0.1) if number < slow_clients else (1, 0.0)
        connection = Connection(running.port)
        for case in todo:
            try:
                answer = await connection.ask(case.sent, pieces=pieces, pause=pause)
            except (Failed, Refused):
                wrong["reset"] += 1
                continue
            if answer.status != case.status:
                wrong[f"{answer.status} instead of {case.status}"] += 1
            elif case.answer is not None and not same(answer.body, case.answer):
                wrong["wrong answer"] += 1
        connection.close()

    process = psutil.Process(running.process.pid)
    least = math.inf
    clients = asyncio.gather(*map(client, range(CLIENTS)))
    while not clients.done():
        await asyncio.wait([clients], timeout=0.1)
        least = min(least, process.memory_info().rss / 2**20)
    await clients
    return least
