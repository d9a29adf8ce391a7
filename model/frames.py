"""From many drawings to frames, on all cores."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from model.layers import Array
from model.preprocess import EmptyDrawing, frame_drawing


class DrawingsError(Exception):
    """Drawings to measure with cannot be had; the message is one sentence that says why."""


def in_processes(
    function: Callable[..., Array], arguments: Sequence[tuple[Any, ...]], processes: int | None
) -> list[Array]:
    """Return the results of a top-level function for each of the arguments, in their order.

    New processes are spawned, not forked: the trainer's and the tests' threads do not survive that.
    """
    if processes == 1 or len(arguments) == 1:
        return [function(*argument) for argument in arguments]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as executor:
        return list(executor.map(function, *zip(*arguments, strict=True)))


def framed(picture: Array) -> Array:
    """Return the frame of a picture, uint8 (28, 28), 255 = ink; blank if there is no ink in it."""
    try:
        frame = frame_drawing(picture).frame
    except EmptyDrawing:
        return np.zeros((28, 28), np.uint8)
    return np.asarray(np.rint((frame[..., 0] + 0.5) * 255), dtype=np.uint8)
