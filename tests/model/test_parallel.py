import os
import signal
import threading
from multiprocessing.connection import Connection

import numpy as np
import pytest

from model.errors import ProcessDied
from model.frame.pixels import to_frames
from model.parallel import Processes, in_processes, predict_all


def power(base: int, exponent: int) -> tuple[int, int]:
    return base**exponent, os.getpid()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_while_handing_over(sent: int) -> bytes:
    """Die behind so many bytes of the result."""

    def write(file: int, data: bytes) -> int:
        os.write(file, data[:sent])
        die()
        return 0

    Connection._send.__defaults__ = (write,)
    return bytes(10_000)


@pytest.mark.parametrize("processes", [1, 3])
def test_results_come_in_the_order_of_the_arguments(processes):
    arguments = [(base, 2) for base in range(7)]
    results = list(in_processes(pow, arguments, processes))
    assert results == [0, 1, 4, 9, 16, 25, 36]


def test_one_process_is_this_one():
    assert [pid for _, pid in in_processes(power, [(1, 2), (3, 4)], 1)] == [os.getpid()] * 2


def test_no_arguments_give_nothing():
    assert list(in_processes(pow, [], 2)) == []


def test_a_process_that_is_killed_at_whatever_moment_is_replaced():
    with Processes(2) as running:
        beside = running.threads.map(running.call, [power] * 20, range(20), [2] * 20)
        for sent in (2, 5_000):  # half of its length, half of itself
            with pytest.raises(ProcessDied):
                running.call(die_while_handing_over, sent)
        with pytest.raises(ProcessDied):
            running.call(die)
        results = [running.call(power, 3, 2)[0] for _ in range(4)]
        assert [result for result, _ in beside] == [base**2 for base in range(20)]
    assert results == [9] * 4


def test_what_a_process_dies_of_is_an_error():
    with pytest.raises(ProcessDied, match="perhaps for want of memory"):
        list(in_processes(os._exit, [(1,), (1,)], 2))


def test_what_a_process_raises_is_raised_here_and_says_where():
    with pytest.raises(ZeroDivisionError) as caught:
        list(in_processes(divmod, [(1, 1), (1, 0)], 2))
    assert "Traceback" in caught.value.__notes__[0]


@pytest.mark.parametrize("threads", [1, 3, None])
def test_many_frames_are_predicted_in_order_and_whole(threads):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (1300, 28, 28), dtype=np.uint8)
    used = set()

    def predict(frames):
        used.add(threading.get_ident())
        return frames.sum(axis=(1, 2, 3))

    results = predict_all(predict, pixels, threads)
    assert [len(result) for result in results] == [512, 512, 276]
    np.testing.assert_array_equal(np.concatenate(results), to_frames(pixels).sum(axis=(1, 2, 3)))
    assert threading.get_ident() not in used
    assert predict_all(predict, pixels[:0], threads) == []
