"""Several workers on the same sockets, forked from a process that has everything loaded.

So a worker that dies is replaced within milliseconds: its successor has nothing to import or to
load. The listening sockets are shared and stay open, so no connection that waits in them is lost.
"""

import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from prometheus_client.multiprocess import mark_process_dead

from app.server.server import addresses, ends_with_terminal

logger = logging.getLogger("digits")

_SIGNALS = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_SHORT_LIFE_SECONDS = 1.0  # a worker that dies so young will probably die again
_MAX_SHORT_LIVES = 5  # in a row, before the whole service gives up


class Supervisor:
    """Keeps `count` workers running.

    work: what a worker does; returns its exit code. reload: reads the weights again in this
    process, from which later workers are forked; returns whether they are good.
    """

    def __init__(
        self,
        count: int,
        work: Callable[[], int],
        reload: Callable[[], bool],
        listening: Sequence[socket.socket],
        end_seconds: float,
    ) -> None:
        self._count = count
        self._work = work
        self._reload = reload
        self._listening = listening
        self._end_seconds = end_seconds
        self._started: dict[int, float] = {}  # process id -> when, monotonic
        self._short_lives = 0

    def run(self) -> int:
        """Run until told to end; return the exit code."""
        with_terminal = ends_with_terminal()
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # they wait until sigwait asks for them
        for _ in range(self._count):
            self._start_worker()
        logger.info("listening on %s", addresses(self._listening))
        while True:
            received = signal.sigwait(_SIGNALS)
            if received == signal.SIGCHLD:
                for pid, code in self._reap():
                    self._replace(pid, code)
                if self._short_lives >= _MAX_SHORT_LIVES:
                    logger.error("workers die as soon as they start; giving up")
                    self._end()
                    return 1
            elif received == signal.SIGHUP and not with_terminal:
                if self._reload():
                    self._tell_workers(signal.SIGHUP)
            else:
                return self._end()

    def _start_worker(self) -> None:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                # All but SIGCHLD stay blocked until the server can handle them: one that came
                # earlier would kill the worker, and its exit code would not be 0.
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
                code = self._work()
            finally:  # whatever happened, a worker must not go on as a second supervisor
                with contextlib.suppress(OSError):  # of a terminal that is closed
                    sys.stdout.flush()
                    sys.stderr.flush()
                os._exit(code)
        self._started[pid] = time.monotonic()

    def _replace(self, pid: int, code: int) -> None:
        age = time.monotonic() - self._started.pop(pid)
        mark_process_dead(pid)  # type: ignore[no-untyped-call]
        self._short_lives = self._short_lives + 1 if age < _SHORT_LIFE_SECONDS else 0
        self._start_worker()
        logger.error("worker %d died (exit code %d) and is replaced", pid, code)

    def _reap(self) -> Iterator[tuple[int, int]]:
        """Yield the process id and exit code of each worker that has ended."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                yield pid, os.waitstatus_to_exitcode(status)

    def _tell_workers(self, number: signal.Signals) -> None:
        for pid in self._started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _end(self) -> int:
        """End all workers, by force when their time is over; return the worst exit code."""
        for one in self._listening:
            one.close()
        self._tell_workers(signal.SIGTERM)
        worst = 0
        end = time.monotonic() + self._end_seconds
        while self._started and (left := end - time.monotonic()) > 0:
            signal.sigtimedwait({signal.SIGCHLD}, left)
            for pid, code in self._reap():
                del self._started[pid]
                worst = max(worst, abs(code))
        if self._started:
            logger.error("%d workers did not end in time and are killed", len(self._started))
            self._tell_workers(signal.SIGKILL)
            worst = 1
        return worst
