"""The same work on many things at once: in processes, or on threads where NumPy does the work."""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.errors import ProcessDied
from model.frame.pixels import to_frames

T = TypeVar("T")

_PIECE = 512  # frames that a thread takes at a time
_SPAWN = multiprocessing.get_context("spawn")


class _Process(NamedTuple):
    """A process, and this end of the pipe to it."""

    process: SpawnProcess
    pipe: Connection


class Processes:
    """New processes that do calls, each one at a time; with `with`, at whose end they are killed.

    They are spawned, not forked: the trainer's and the tests' threads do not survive that. They
    end with this process, however it ends.

    Each has a pipe of its own, and one that dies closes it, even in the middle of a result. In
    concurrent.futures all of them hold one pipe open, and the rest of such a result is waited for
    without end.

    Attributes:
        threads: one for each process, to call from.
    """

    def __init__(self, count: int) -> None:
        self.threads = ThreadPoolExecutor(count)
        self._lock = threading.Lock()  # so that no process is started behind the end
        self._ended = False
        self._all: list[_Process] = []
        self._idle: SimpleQueue[_Process] = SimpleQueue()
        for _ in range(count):
            self._idle.put(self._started())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ended = True
            for one in self._all:
                one.process.kill()
        self.threads.shutdown(cancel_futures=True)
        for one in self._all:
            one.process.join()
            one.pipe.close()

    def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Return what a function of a module returns in one of the processes; raise what it raises.

        Raises:
            ProcessDied: if the process dies; another takes its place.
        """
        one = self._idle.get()
        try:
            one.pipe.send((function, arguments))
            returned, result = one.pipe.recv()
        except (EOFError, OSError):
            one = self._started(instead_of=one)
            raise ProcessDied from None
        finally:
            self._idle.put(one)
        if not returned:
            raise result
        answer: T = result
        return answer

    def _started(self, instead_of: _Process | None = None) -> _Process:
        with self._lock:
            if self._ended:
                raise ProcessDied
            if instead_of is not None:
                instead_of.process.kill()
                instead_of.process.join()
                instead_of.pipe.close()
                self._all.remove(instead_of)
            pipe, other_end = _SPAWN.Pipe()
            process = _SPAWN.Process(target=_do_calls, args=(other_end,), daemon=True)
            process.start()
            other_end.close()  # the process has it, and nobody else
            self._all.append(_Process(process, pipe))
            return self._all[-1]


def _do_calls(pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that started it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            function, arguments = pipe.recv()
        except (EOFError, ConnectionError):
            return  # the parent has ended
        try:
            outcome = True, function(*arguments)
        except Exception as error:  # noqa: BLE001 - it is for the one that called
            error.add_note(traceback.format_exc())
            outcome = False, error
        pipe.send(outcome)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is a new process
    parent.join()
    os._exit(1)


def in_processes(
    function: Callable[..., T], arguments: Sequence[tuple[Any, ...]], processes: int | None = None
) -> Iterator[T]:
    """Yield what a function of a module returns for each of the arguments, in their order.

    Args:
        function: found by its name in new processes, so not one made within another.
        arguments: a tuple for each call.
        processes: one for each core by default; with 1, all is done in this one.

    Raises:
        ProcessDied: if one of them dies.
    """
    processes = min(processes or os.cpu_count() or 1, len(arguments))
    if processes <= 1:
        yield from (function(*argument) for argument in arguments)
        return
    with Processes(processes) as running:
        call = partial(running.call, function)
        yield from running.threads.map(call, *zip(*arguments, strict=True))


def predict_all(
    predict: Callable[[NDArray[np.float32]], T], pixels: NDArray[np.uint8], threads: int | None
) -> list[T]:
    """Return what ``predict`` makes of many frames, one result for each 512 of them, in order.

    Args:
        predict: takes frames float32 (n, 28, 28, 1); several threads call it at once.
        pixels: uint8 (N, 28, 28), 0 paper to 255 ink, as frames are stored.
        threads: one for each core by default.
    """
    pieces = [pixels[start : start + _PIECE] for start in range(0, len(pixels), _PIECE)]
    with ThreadPoolExecutor(threads or os.cpu_count()) as executor:
        return list(executor.map(lambda piece: predict(to_frames(piece)), pieces))
