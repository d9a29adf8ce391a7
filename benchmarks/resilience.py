"""What the service bears: python -m benchmarks.resilience [--quick] [EXPERIMENT ...]

mixed     50,000 requests from 64 clients, good and bad: every answer is the right one
slow      200 clients that hold connections for 10 s: the others do not notice
kill      kill -9 of one worker of two under load: replaced, few failures
term      SIGTERM under load: nothing that was accepted is lost
overload  twice the requests that it can answer: it answers most of what it could, refuses fast

Each prints a table with what was asked for beside what was measured. Everything happens on
127.0.0.1, bounded in number and time.
"""

import argparse
import asyncio
import base64
import io
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from statistics import median
from typing import NamedTuple

import numpy as np
import psutil
import uvloop
from PIL import Image
from tqdm import tqdm

from app.drawings.self_test import SELF_TEST_DRAWING
from benchmarks.load import (
    Answer,
    Connection,
    Failed,
    Refused,
    Service,
    percentile,
    request,
    service,
)
from benchmarks.report import machine, say, table
from model.drawn.strokes import render


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def canvas(side: int) -> bytes:
    """Return a 7 with the page's usual pen as a canvas gives it: a PNG of four channels."""
    seven = np.array([(0.0, 0.0), (0.65, 0.0), (0.3, 1.0)])
    picture = Image.fromarray(render([seven])).resize((side, side), Image.Resampling.BOX)
    return _png(picture.convert("RGBA"))


CANVAS = canvas(140)  # pixels: as the page sends a digit of this size
PIXELS = json.dumps({"pixels": SELF_TEST_DRAWING.tolist()}).encode()
PREDICT = "/predict?detail=true"  # as the page asks
READ_CANVAS = request("POST", PREDICT, CANVAS, "image/png")
READ_PIXELS = request("POST", PREDICT, PIXELS, "application/json")

Row = tuple[str, str, str, bool]  # what, measured, asked for, reached


class Case(NamedTuple):
    """A request and the status that it must get; `answer` is the body of a right answer."""

    sent: bytes
    status: int
    answer: bytes | None = None


async def mixed(quick: bool) -> list[Row]:
    """Good and bad requests from 64 clients at once."""
    count = 5_000 if quick else 50_000
    with service() as running:
        cases = [await _with_answer(running, case) for case in _cases()]
        wrong: Counter[str] = Counter()
        await _clients(running, 64, count // 5, cases, wrong)  # warms up
        memory = _memory(running)
        wrong.clear()
        start = time.monotonic()
        await _clients(running, 64, count, cases, wrong)
        seconds = time.monotonic() - start
        grown = _memory(running) - memory
        total = _memory(running)
    return [
        ("requests", f"{count} in {seconds:.0f} s", "", True),
        ("wrong answers", f"{wrong['answer']}", "0", wrong["answer"] == 0),
        ("unexpected statuses", f"{wrong['status']}", "0", wrong["status"] == 0),
        ("resets", f"{wrong['reset']}", "0", wrong["reset"] == 0),
        ("memory after warm-up", f"{grown:+.1f} MB, of {total:.0f}", "< +5 MB", grown < 5),
    ]


def _cases() -> list[Case]:
    form = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + CANVAS + b"\r\n--b--\r\n"
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
        Case(request("POST", "/predict", bytes(5 * 2**20), "image/png"), 413),
        Case(request("GET", "/nothing"), 404),
        Case(request("PUT", "/predict"), 405),
    ]


async def _with_answer(running: Service, case: Case) -> Case:
    """Note what a request is answered when nothing else is asked: so it must stay."""
    if case.answer is None:
        return case
    connection = Connection(running.port)
    answer = (await connection.ask(case.sent)).body
    connection.close()
    return case._replace(answer=answer)


async def _clients(
    running: Service, clients: int, count: int, cases: list[Case], wrong: Counter[str]
) -> None:
    rng = random.Random(0)
    # Seldom the body of 5 MB, which would measure only the copying of bytes.
    weights = [1 if case.status == 413 else 20 for case in cases]
    todo = iter(rng.choices(cases, weights, k=count))

    async def client() -> None:
        connection = Connection(running.port)
        for case in todo:
            try:
                answer = await connection.ask(case.sent)
            except (Failed, Refused):
                wrong["reset"] += 1
                continue
            if answer.status != case.status:
                wrong["status"] += 1
            elif case.answer is not None and answer.body != case.answer:
                wrong["answer"] += 1
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))


def _memory(running: Service) -> float:
    return float(psutil.Process(running.process.pid).memory_info().rss) / 2**20


async def slow(quick: bool) -> list[Row]:
    """Clients that send a byte now and then, beside a few good ones."""
    seconds = 4.0 if quick else 10.0
    with service() as running:
        await _latencies(running, 4, 1.0)
        quiet = await _latencies(running, 4, seconds)
        halves = READ_CANVAS[:60], READ_CANVAS[:-500]  # in the headers, and in the body
        holding = [asyncio.create_task(_hold(running, halves[i % 2], seconds)) for i in range(200)]
        await asyncio.sleep(0.5)
        beside = await _latencies(running, 4, seconds - 1)
        held = sum(await asyncio.gather(*holding))
    before, after = percentile(quiet, 99) * 1e3, percentile(beside, 99) * 1e3
    limit = 2 * before + 50
    return [
        ("slow clients", f"{held} of 200 connected", "200", held == 200),
        ("p99 without them", f"{before:.1f} ms", "", True),
        ("p99 with them", f"{after:.1f} ms", f"< {limit:.1f} ms", after < limit),
    ]


async def _hold(running: Service, start: bytes, seconds: float) -> bool:
    _, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(start)
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            writer.write(b"x")
            await asyncio.sleep(0.5)
        return True
    finally:
        writer.transport.abort()


async def _latencies(running: Service, clients: int, seconds: float) -> list[float]:
    latencies: list[float] = []
    end = time.monotonic() + seconds

    async def client() -> None:
        connection = Connection(running.port)
        while (start := time.monotonic()) < end:
            answer = await connection.ask(READ_CANVAS)
            assert answer.status == 200, answer
            latencies.append(time.monotonic() - start)
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return latencies


async def kill(quick: bool) -> list[Row]:
    """One worker of two is killed while 16 clients ask."""
    seconds = 2.0 if quick else 4.0
    with service(workers=2) as running:
        supervisor = psutil.Process(running.process.pid)
        load = asyncio.create_task(_ask_until(running, 16, time.monotonic() + 2 * seconds))
        await asyncio.sleep(seconds)
        first = supervisor.children()
        killed_at = time.monotonic()
        os.kill(first[0].pid, signal.SIGKILL)
        replaced = await asyncio.to_thread(_until_replaced, supervisor, first[0])
        replaced -= killed_at
        answers, failures = await load
    last = max(failures, default=killed_at) - killed_at
    whole = max(last, replaced)
    return [
        ("requests answered", f"{answers}", "", True),
        ("failed", f"{len(failures)}", "< 20", len(failures) < 20),
        ("whole again after", f"{whole:.2f} s", "< 2 s", whole < 2),
    ]


def _until_replaced(supervisor: psutil.Process, worker: psutil.Process) -> float:
    while len(children := supervisor.children()) < 2 or worker in children:
        time.sleep(0.01)
    return time.monotonic()


async def term(quick: bool) -> list[Row]:
    """The service is asked to end while 16 clients ask."""
    rows: list[Row] = []
    for workers in (1, 2):
        with service(workers=workers) as running:
            load = asyncio.create_task(_ask_until(running, 16, time.monotonic() + 30))
            await asyncio.sleep(1.0 if quick else 3.0)
            code, seconds = await asyncio.to_thread(running.stop)
            answers, failures = await load
        name = f"{workers} worker{'s' if workers > 1 else ''}"
        rows += [
            (f"{name}: requests answered", f"{answers}", "", True),
            (f"{name}: failed", f"{len(failures)}", "0", not failures),
            (f"{name}: ended", f"code {code}, {seconds:.1f} s", "0, < 10 s", code == 0),
        ]
    return rows


async def _ask_until(running: Service, clients: int, end: float) -> tuple[int, list[float]]:
    """Ask until the end or until nobody listens; return the answers and when there was none."""
    answers = 0
    failures: list[float] = []

    async def client() -> None:
        nonlocal answers
        connection = Connection(running.port)
        while time.monotonic() < end:
            try:
                answer = await connection.ask(READ_CANVAS)
            except Failed:
                failures.append(time.monotonic())
            except Refused:
                break
            else:
                assert answer.status == 200, answer
                answers += 1
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return answers, failures


async def overload(quick: bool) -> list[Row]:
    """Requests come at twice the rate at which they can be answered, whether answered or not.

    The machine's own speed changes from one moment to the next. So what it can answer is measured
    again in every turn, and the medians of the turns' ratios are told.
    """
    turns, seconds = (3, 1.5) if quick else (9, 2.0)
    peaks: list[float] = []
    shares: list[float] = []
    recoveries: list[float] = []
    good: list[float] = []
    refused: list[float] = []
    failed = 0
    free: list[Connection] = []
    with service() as running:
        await _latencies(running, 16, 1.0)
        for _ in range(turns):
            peak = len(await _latencies(running, 16, seconds)) / seconds
            start = time.monotonic()
            answered, turned_away, lost = await _open_loop(running, 2 * peak, seconds, free)
            rate = len(answered) / (time.monotonic() - start)
            after = len(await _latencies(running, 16, seconds / 2)) / (seconds / 2)
            peaks.append(peak)
            shares.append(rate / peak)
            recoveries.append(after / peak)
            good += answered
            refused += turned_away
            failed += lost
        for connection in free:
            connection.close()
    share, recovery = median(shares), median(recoveries)
    fast = percentile(refused or [0.0], 99) * 1e3
    return [
        ("peak", f"{median(peaks):.0f} requests/s", "", True),
        ("answered at twice that", f"{share:.0%} of the peak", "> 80 %", share > 0.8),
        ("refused", f"{len(refused)} of {len(good) + len(refused)}", "", True),
        ("p99 of a refusal", f"{fast:.1f} ms", "< 50 ms", fast < 50),
        ("p99 of an answer", f"{percentile(good, 99) * 1e3:.0f} ms", "", True),
        ("failed", f"{failed}", "0", failed == 0),
        ("at once afterwards", f"{recovery:.0%} of the peak", "> 90 %", recovery > 0.9),
    ]


async def _open_loop(
    running: Service, rate: float, seconds: float, free: list[Connection]
) -> tuple[list[float], list[float], int]:
    """Send at a rate, on free connections or new ones.

    Returns the seconds of answers and of refusals, and how many failed.
    """
    good: list[float] = []
    refused: list[float] = []
    failed = 0
    asking: set[asyncio.Task[None]] = set()

    async def ask() -> None:
        nonlocal failed
        connection = free.pop() if free else Connection(running.port)
        start = time.monotonic()
        try:
            answer: Answer = await connection.ask(READ_CANVAS)
        except (Failed, Refused):
            failed += 1
            return
        (good if answer.status == 200 else refused).append(time.monotonic() - start)
        assert answer.status in (200, 429), answer
        free.append(connection)

    start = time.monotonic()
    sent = 0
    while (now := time.monotonic() - start) < seconds:
        while sent < now * rate and len(asking) < 600:
            task = asyncio.create_task(ask())
            asking.add(task)
            task.add_done_callback(asking.discard)
            sent += 1
        await asyncio.sleep(0.001)
    await asyncio.gather(*asking)
    return good, refused, failed


EXPERIMENTS: dict[str, Callable[[bool], Awaitable[list[Row]]]] = {
    "mixed": mixed,
    "slow": slow,
    "kill": kill,
    "term": term,
    "overload": overload,
}


def main() -> int:
    """Run the experiments; return 1 if one missed what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("experiments", nargs="*", choices=[*EXPERIMENTS, []], metavar="EXPERIMENT")
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests")
    options = parser.parse_args()
    chosen = options.experiments or list(EXPERIMENTS)
    tables, reached = [], True
    for name in tqdm(chosen, desc="experiments"):
        rows = uvloop.run(EXPERIMENTS[name](options.quick))
        shown = [[what, measured, asked, _judged(asked, ok)] for what, measured, asked, ok in rows]
        tables.append(table([name, "measured", "asked for", ""], shown))
        reached &= all(ok for *_, ok in rows)
    say(
        "resilience",
        "What the service bears",
        *tables,
        machine("1 for NumPy in each worker", "fastapi", "uvicorn"),
    )
    return 0 if reached else 1


def _judged(asked: str, ok: bool) -> str:
    if not ok:
        return "MISSED"
    return "reached" if asked else ""


if __name__ == "__main__":
    raise SystemExit(main())
