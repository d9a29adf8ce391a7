"""How many drawings are read at once, and which are refused.

Decoding and framing a small drawing takes half a millisecond: less than waking a thread costs under
load. So it is done on the event loop, several in a row while the caches are warm, but only for a
few milliseconds: then the loop takes in what has arrived, so that the queue has its true length,
refusals are fast and probes are answered. A large picture takes longer and goes to one of a few
threads.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple, TypeVar

from starlette.types import Receive

from app.errors import Problem
from app.settings import Settings

T = TypeVar("T")

_TURN_SECONDS = 0.010  # of work in a row; a probe waits little longer
_LOOKS = 3  # turns of the loop for each drawing; in each it accepts one new connection


class _Waiting(NamedTuple):
    work: Callable[[], Any]
    done: asyncio.Future[Any]


class Admission:
    """The queue of drawings of one worker; belongs to its event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="large-picture")
        self._free_threads = asyncio.Semaphore(settings.threads)
        self._queue: deque[_Waiting] = deque()
        self._busy = False  # a turn is under way or planned
        self.waiting = 0
        self.waiting_large = 0
        self._in_threads = 0  # of those that wait, how many are counted for threads

    @property
    def full(self) -> bool:
        """Whether no more drawings are taken now."""
        return self.waiting >= self._settings.queue

    def check(self) -> None:
        """Raise Problem (429) if the queue is full; worth asking before a body is received."""
        if self.full:
            raise self.busy()

    async def soon(self, work: Callable[[], T], drawings: int = 1) -> T:
        """Do short work on the event loop when its turn comes. Raises Problem (429): no room."""
        self.check()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._queue.append(_Waiting(work, done))
        self.waiting += drawings
        if not self._busy:
            self._busy = True
            loop.call_soon(self._take_turn, loop)
        try:
            return await done
        finally:
            self.waiting -= drawings

    async def in_thread(self, work: Callable[[], T], receive: Receive, drawings: int = 1) -> T:
        """Do long work in a thread, unless the client leaves before it is begun.

        receive: that of the request, whose body is complete: so it tells when the client leaves.
        Raises Problem: 429 if there is no room, 503 if the work is not done within
        `answer_seconds`, 499 if the client has left.
        """
        self.check()
        # Half the queue is kept for small drawings, and one request takes half of the other half:
        # else a single batch after the other would have everyone else refused.
        most = max(self._settings.queue // 2, 1)
        drawings = min(drawings, max(most // 2, 1))
        if self.waiting_large >= self._settings.large_queue or self._in_threads + drawings > most:
            raise self.busy()
        self.waiting += drawings
        self.waiting_large += 1
        self._in_threads += drawings
        begun = False
        try:
            async with asyncio.timeout(self._settings.answer_seconds):
                await self._free_thread(receive)
                future = self._threads.submit(work)
                begun = True
                # Counted until the thread is free again, however early the client has given up.
                loop = asyncio.get_running_loop()
                future.add_done_callback(partial(self._tell_loop, loop, drawings))
                return await asyncio.wrap_future(future)
        except TimeoutError:
            seconds = self._settings.answer_seconds
            raise Problem(
                "overloaded",
                f"There was no answer within {seconds:g} s; try again later.",
                headers=self._retry_after(),
            ) from None
        finally:
            if not begun:
                self._large_done(drawings)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False)

    async def _free_thread(self, receive: Receive) -> None:
        """Wait for a thread, as long as the client does. Raises Problem (499)."""
        waiting = asyncio.ensure_future(self._free_threads.acquire())
        leaving = asyncio.ensure_future(_left(receive))
        try:
            either: set[asyncio.Future[Any]] = {waiting, leaving}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if not waiting.cancel():
                self._free_threads.release()
            raise
        finally:
            leaving.cancel()
        if not waiting.done():
            waiting.cancel()
            detail = "You closed the connection, or your half of it, before your turn came."
            raise Problem("client-left", detail)

    def _tell_loop(self, loop: asyncio.AbstractEventLoop, drawings: int, _: Future[T]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(self._thread_done, drawings)

    def _thread_done(self, drawings: int) -> None:
        self._free_threads.release()
        self._large_done(drawings)

    def _large_done(self, drawings: int) -> None:
        self.waiting -= drawings
        self.waiting_large -= 1
        self._in_threads -= drawings

    def _take_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work through the queue for a while, and plan the next turn."""
        end = time.perf_counter() + _TURN_SECONDS
        count = 0
        while self._queue and time.perf_counter() < end:
            work, done = self._queue.popleft()
            if done.done():  # the client has left
                continue
            count += 1
            try:
                done.set_result(work())
            except Exception as error:  # noqa: BLE001 - whoever asked for the work gets it
                done.set_exception(error)
        self._look_around(loop, _LOOKS * count)

    def _look_around(self, loop: asyncio.AbstractEventLoop, looks: int) -> None:
        """Let the loop take in what has arrived, so many times, before the next turn."""
        if looks > 0:
            loop.call_soon(self._look_around, loop, looks - 1)
        elif self._queue:
            self._take_turn(loop)
        else:
            self._busy = False

    def busy(self) -> Problem:
        """Return the refusal of a drawing for which there is no room."""
        detail = "As many drawings wait as the service takes at once; try again in a moment."
        return Problem("busy", detail, headers=self._retry_after())

    def _retry_after(self) -> dict[str, str]:
        return {"Retry-After": str(self._settings.retry_seconds)}


async def _left(receive: Receive) -> None:
    """Wait until the client of a request whose body is complete has closed its connection."""
    with contextlib.suppress(Problem):  # what else it has sent concerns another request
        await receive()
