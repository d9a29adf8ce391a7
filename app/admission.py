"""How many drawings are read at once, and which are refused.

Reading a small drawing takes half a millisecond: less than waking a thread costs under load. So
it is done on the event loop, but only one every few of its turns: between two drawings the
loop takes in what has arrived, so the line is seen as it is, refusals are fast and probes are
answered. A large picture takes longer and goes to one of a few threads.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from app.errors import Problem
from app.settings import Settings

T = TypeVar("T")

_LOOKS = 3  # turns of the loop for each drawing; in each it accepts one new connection


class Admission:
    """The line of drawings of one worker; belongs to its event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="large-picture")
        self._line: deque[asyncio.Future[None]] = deque()
        self._turn_taken = False
        self.waiting = 0
        self.waiting_large = 0

    @property
    def full(self) -> bool:
        """Whether no more drawings are taken now."""
        return self.waiting >= self._settings.queue

    def check(self) -> None:
        """Raise Problem (429) if the line is full; worth asking before a body is received."""
        if self.full:
            raise self.busy()

    async def soon(self, work: Callable[[], T]) -> T:
        """Do short work on the event loop when its turn comes."""
        self.check()
        self.waiting += 1
        try:
            await self._turn()
            return work()
        finally:
            self.waiting -= 1

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do long work in a thread; Problem (503) if it is not done within `answer_seconds`."""
        self.check()
        if self.waiting_large >= self._settings.large_queue:
            raise self.busy()
        self.waiting += 1
        self.waiting_large += 1
        future = self._threads.submit(work)
        # Counted until the thread is free again, however early the client has given up.
        future.add_done_callback(partial(self._tell_loop, asyncio.get_running_loop()))
        try:
            async with asyncio.timeout(self._settings.answer_seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            seconds = self._settings.answer_seconds
            raise Problem(
                "overloaded",
                f"The picture could not be read within {seconds:g} s; try again later.",
                headers=self._retry_after(),
            ) from None

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _tell_loop(self, loop: asyncio.AbstractEventLoop, _: Future[T]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(self._large_done)

    def _large_done(self) -> None:
        self.waiting -= 1
        self.waiting_large -= 1

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        if self._turn_taken:
            turn = loop.create_future()
            self._line.append(turn)
            await turn
        else:
            self._turn_taken = True
            loop.call_soon(self._look_around, loop, _LOOKS)

    def _look_around(self, loop: asyncio.AbstractEventLoop, looks: int) -> None:
        """Let the loop take in what has arrived, so many times, before the next drawing's turn."""
        if looks > 1:
            loop.call_soon(self._look_around, loop, looks - 1)
            return
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                loop.call_soon(self._look_around, loop, _LOOKS)
                return
        self._turn_taken = False

    def busy(self) -> Problem:
        """Return the refusal of a drawing for which there is no room."""
        detail = "As many drawings wait as the service takes at once; try again in a moment."
        return Problem("busy", detail, headers=self._retry_after())

    def _retry_after(self) -> dict[str, str]:
        return {"Retry-After": str(self._settings.retry_seconds)}
