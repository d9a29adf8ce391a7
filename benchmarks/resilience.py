"""What the service bears: python -m benchmarks.resilience [--quick] [EXPERIMENT ...]

Or for a long time: python -m benchmarks.resilience --requests 1000000

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
import os
import signal
import time
from collections.abc import Awaitable, Callable
from statistics import median

import psutil
import uvloop
from tqdm import tqdm

from benchmarks.clients.load import (
    Answer,
    Connection,
    Failed,
    Refused,
    Service,
    percentile,
    service,
)
from benchmarks.mixed import READ_CANVAS, many, mixed
from benchmarks.report import Row, machine, say, table


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
    parser.add_argument(
        "--requests",
        type=int,
        metavar="N",
        help="only so many mixed requests, large and slow ones among them; a run that was broken "
        "off goes on",
    )
    options = parser.parse_args()
    if options.requests:
        rows = uvloop.run(many(options.requests))
        say("mixed", f"{options.requests:,} mixed requests", _table("mixed", rows), _machine())
        return 0 if all(ok for *_, ok in rows) else 1
    chosen = options.experiments or list(EXPERIMENTS)
    tables, reached = [], True
    for name in tqdm(chosen, desc="experiments"):
        rows = uvloop.run(EXPERIMENTS[name](options.quick))
        tables.append(_table(name, rows))
        reached &= all(ok for *_, ok in rows)
    say(
        "resilience",
        "What the service bears",
        *tables,
        _machine(),
    )
    return 0 if reached else 1


def _table(name: str, rows: list[Row]) -> str:
    shown = [[what, measured, asked, _judged(asked, ok)] for what, measured, asked, ok in rows]
    return table([name, "measured", "asked for", ""], shown)


def _machine() -> str:
    return machine("1 for NumPy in each worker", "fastapi", "uvicorn")


def _judged(asked: str, ok: bool) -> str:
    if not ok:
        return "MISSED"
    return "reached" if asked else ""


if __name__ == "__main__":
    raise SystemExit(main())
