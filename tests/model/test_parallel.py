import os
import threading

import numpy as np
import pytest

from model.frame.pixels import to_frames
from model.parallel import in_processes, predict_all


def power(base: int, exponent: int) -> tuple[int, int]:
    return base**exponent, os.getpid()


@pytest.mark.parametrize("processes", [1, 3])
def test_results_come_in_the_order_of_the_arguments(processes):
    arguments = [(base, 2) for base in range(7)]
    results = list(in_processes(pow, arguments, processes))
    assert results == [0, 1, 4, 9, 16, 25, 36]


def test_one_process_is_this_one():
    assert [pid for _, pid in in_processes(power, [(1, 2), (3, 4)], 1)] == [os.getpid()] * 2


def test_no_arguments_give_nothing():
    assert list(in_processes(pow, [], 2)) == []


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
