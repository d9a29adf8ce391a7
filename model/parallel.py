"""The same work on many things at once: in processes, or on threads where NumPy does the work."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.frame.pixels import to_frames

T = TypeVar("T")

_PIECE = 512  # frames that a thread takes at a time


def in_processes(
    function: Callable[..., T], arguments: Sequence[tuple[Any, ...]], processes: int | None = None
) -> Iterator[T]:
    """Yield what a function of a module returns for each of the arguments, in their order.

    New processes are spawned, not forked: the trainer's and the tests' threads do not survive that.

    Args:
        function: found by its name in the new processes, so not one made within another.
        arguments: a tuple for each call.
        processes: one for each core by default; with 1, all is done in this one.
    """
    processes = min(processes or os.cpu_count() or 1, len(arguments))
    if processes <= 1:
        yield from (function(*argument) for argument in arguments)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as executor:
        yield from executor.map(function, *zip(*arguments, strict=True))


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
