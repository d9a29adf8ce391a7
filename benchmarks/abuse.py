"""What costly requests do to the service and to others: python -m benchmarks.abuse [--quick] [KIND]

For every kind of `benchmarks.clients.costly`: the processor time of one request; then, with one
attacker and with sixteen, how long another client waits for a small drawing and for /livez, and the
peak of memory; and how long the service takes to end in the middle of it. KIND is a part of names.

Everything happens on 127.0.0.1, bounded in number and time. The attackers are a process of their
own; the other client comes from 127.0.0.2, as limits may count what an address does.
"""

import argparse
import asyncio
import contextlib
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import psutil
import uvloop
from tqdm import tqdm

from benchmarks.clients.costly import Kind, Manner, kinds
from benchmarks.clients.load import (
    Connection,
    Failed,
    Refused,
    Service,
    percentile,
    request,
    service,
)
from benchmarks.mixed import READ_CANVAS
from benchmarks.report import machine, say, table

ATTACKERS = 16
MOST_REQUESTS = 400  # of one attacker
PAUSE_SECONDS = 0.02  # of the other client, between two requests
READ_SECONDS = 30.0  # for an attacker's answer
LIVEZ = request("GET", "/livez")

# What is asked for; milliseconds at p99 are those of one attacker on two quiet cores.
CPU_MS, LARGE_CPU_MS = 400, 1000
LIVEZ_MS, DRAWING_MS = 100, 250
PEAK_MB = 500
END_SECONDS = 10


class Visits(NamedTuple):
    """What another client has met: seconds of its answers, and how many it did not get."""

    waits: list[float]
    refused: int

    def shown(self) -> str:
        """Return p99 and the longest, in milliseconds."""
        if not self.waits:
            return "none"
        return f"{percentile(self.waits, 99) * 1e3:.0f} ({max(self.waits) * 1e3:.0f})"


class Met(NamedTuple):
    """What a number of attackers has done."""

    livez: Visits
    drawings: Visits
    peak_mb: float
    end_seconds: float


async def _cost(kind: Kind) -> float:
    """Return the milliseconds of processor time that one request costs."""
    with service() as running:
        await _visit(running, READ_CANVAS, 0.3)
        process = psutil.Process(running.process.pid)
        before = _cpu_seconds(process)
        sent = await _ask(running.port, kind, time.monotonic() + 10, 8)
        await _until_idle(process)
        return (_cpu_seconds(process) - before) / sent * 1e3


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _until_idle(process: psutil.Process) -> None:
    """Wait until the service has done what it goes on doing for clients that have left."""
    last = -1.0
    while (now := _cpu_seconds(process)) > last:
        last = now
        await asyncio.sleep(0.3)


async def _met(kind: Kind, attackers: int, seconds: float, pool: ProcessPoolExecutor) -> Met:
    loop = asyncio.get_running_loop()
    with service() as running:
        await _visit(running, READ_CANVAS, 0.3)
        attack = loop.run_in_executor(pool, _attack, running.port, kind, attackers, seconds + 1.5)
        await asyncio.sleep(0.5)
        livez, drawings = await asyncio.gather(
            _visit(running, LIVEZ, seconds), _visit(running, READ_CANVAS, seconds)
        )
        peak = _peak_mb(running)
        _, end_seconds = await asyncio.to_thread(running.stop)
        await attack
    return Met(livez, drawings, peak, end_seconds)


def _peak_mb(running: Service) -> float:
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


async def _visit(running: Service, sent: bytes, seconds: float) -> Visits:
    """Be another client."""
    waits, refused = [], 0
    connection = Connection(running.port, "127.0.0.2")
    end = time.monotonic() + seconds
    while (start := time.monotonic()) < end:
        try:
            answer = await connection.ask(sent)
        except (Failed, Refused):
            refused += 1
        else:
            if answer.status == 200:
                waits.append(time.monotonic() - start)
            else:
                refused += 1
        await asyncio.sleep(PAUSE_SECONDS)
    connection.close()
    return Visits(waits, refused)


def _attack(port: int, kind: Kind, attackers: int, seconds: float) -> None:
    """Be all attackers, in a process of their own."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(_attackers(port, kind, attackers, time.monotonic() + seconds))


async def _attackers(port: int, kind: Kind, attackers: int, end: float) -> None:
    held = []
    for _ in range(kind.held):
        with contextlib.suppress(OSError):
            held.append(await asyncio.open_connection("127.0.0.1", port))
    attack = _flood if kind.manner is Manner.FLOOD else _ask
    await asyncio.gather(*(attack(port, kind, end, MOST_REQUESTS) for _ in range(attackers)))
    for _, writer in held:
        writer.transport.abort()


async def _ask(port: int, kind: Kind, end: float, most: int) -> int:
    """Send requests one after the other, until the end; return how many."""
    sent = 0
    while sent < most and time.monotonic() < end:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return max(sent, 1)
        try:
            while sent < most and time.monotonic() < end:
                sent += 1
                writer.write(kind.sent)
                await writer.drain()
                if kind.manner is Manner.LEAVE:
                    writer.close()
                    await writer.wait_closed()
                    break
                async with asyncio.timeout(READ_SECONDS):
                    await _read_answers(reader, kind.answers)
        except (OSError, EOFError, TimeoutError):
            pass  # refused, and the connection closed
        finally:
            writer.close()
    return sent


async def _read_answers(reader: asyncio.StreamReader, count: int) -> None:
    for _ in range(count):
        length = 0
        while line := (await reader.readuntil(b"\r\n")).strip().lower():
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        await reader.readexactly(length)


async def _flood(port: int, kind: Kind, end: float, most: int) -> None:
    """Send on and on, and read nothing."""
    with contextlib.suppress(OSError, TimeoutError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.timeout_at(
                end - time.monotonic() + asyncio.get_running_loop().time()
            ):
                for _ in range(most):
                    writer.write(kind.sent)
                    await writer.drain()
                await asyncio.sleep(end - time.monotonic())
        finally:
            writer.transport.abort()


def _judged(missed: dict[str, bool]) -> str:
    names = [name for name, is_missed in missed.items() if is_missed]
    return f"MISSED: {', '.join(names)}" if names else "reached"


def row_of_one(kind: Kind, cpu_ms: float, met: Met) -> list[str]:
    """Return the line of a kind in the table of one attacker."""
    missed = {
        "processor": cpu_ms > (LARGE_CPU_MS if kind.large else CPU_MS),
        "/livez": _above(met.livez, LIVEZ_MS),
        "drawing": _above(met.drawings, DRAWING_MS),
    }
    return [
        kind.name,
        f"{len(kind.sent) / 1000:,.0f}",
        f"{cpu_ms:.0f}",
        met.livez.shown(),
        met.drawings.shown(),
        f"{met.peak_mb:.0f}",
        _judged(missed),
    ]


def _above(visits: Visits, milliseconds: float) -> bool:
    return not visits.waits or percentile(visits.waits, 99) * 1e3 > milliseconds


def row_of_many(kind: Kind, met: Met) -> list[str]:
    """Return the line of a kind in the table of sixteen attackers."""
    missed = {"memory": met.peak_mb > PEAK_MB, "end": met.end_seconds > END_SECONDS}
    asked = len(met.drawings.waits) + met.drawings.refused
    return [
        kind.name,
        met.livez.shown(),
        met.drawings.shown(),
        f"{met.drawings.refused} of {asked}",
        f"{met.peak_mb:.0f}",
        f"{met.end_seconds:.1f}",
        _judged(missed),
    ]


async def measure(chosen: list[Kind], seconds: float) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows of the two tables, of one attacker and of sixteen."""
    one, many = [], []
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        for kind in tqdm(chosen, desc="kinds"):
            cpu_ms = await _cost(kind)
            one.append(row_of_one(kind, cpu_ms, await _met(kind, 1, seconds, pool)))
            many.append(row_of_many(kind, await _met(kind, ATTACKERS, seconds, pool)))
    return one, many


def main() -> int:
    """Measure the kinds that are asked for; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("kind", nargs="?", default="", help="only kinds with this in their name")
    parser.add_argument("--quick", action="store_true", help="a third of the time")
    options = parser.parse_args()
    chosen = [kind for kind in kinds() if options.kind in kind.name]
    one, many = uvloop.run(measure(chosen, 1.5 if options.quick else 4.0))
    waits = ["/livez, ms p99 (longest)", "drawing, ms p99 (longest)"]
    say(
        "abuse",
        f"One client sends costly requests. Aims: {CPU_MS} ms of processor time a request, "
        f"{LARGE_CPU_MS} ms for a photograph of 48 megapixels; /livez of another client within "
        f"{LIVEZ_MS} ms, its drawing within {DRAWING_MS} ms at p99",
        table(["one attacker", "kB", "processor ms", *waits, "peak MB", "aims"], one),
        f"Sixteen do so. Aims: {PEAK_MB} MB, and SIGTERM ends the service within {END_SECONDS} s",
        table([f"{ATTACKERS} attackers", *waits, "refused", "peak MB", "SIGTERM s", "aims"], many),
        machine("1 for NumPy, 2 for large pictures", "pillow", "uvicorn"),
    )
    return 1 if any("MISSED" in row[-1] for row in one + many) else 0


if __name__ == "__main__":
    raise SystemExit(main())
