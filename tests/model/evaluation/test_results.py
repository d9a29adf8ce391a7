import numpy as np
from made_results import results

from model.evaluation.results import concatenate, measure, share_by
from model.frame.pixels import to_frames
from model.recognizer import Verdict
from model.weights import load_weights


def test_all_frames_are_read_in_order_and_blank_ones_are_no_digit(weights, noise):
    recognizer = load_weights(weights)
    frames = np.concatenate([noise.test_images] * 20)  # more than one piece
    frames[5] = 0
    read = measure(recognizer, frames, np.zeros(len(frames)))
    last = recognizer.read(to_frames(frames[-32:]))  # as many as go through the network at once
    np.testing.assert_allclose(read.confidence[-32:], last.probabilities.max(axis=1), atol=1e-6)
    np.testing.assert_array_equal(read.digits[-32:], last.probabilities.argmax(axis=1))
    np.testing.assert_allclose(read.is_digit[-32:], last.is_digit, atol=1e-6)
    assert (read.digits[5], read.verdicts[5]) == (-1, Verdict.NOT_A_DIGIT)
    assert set(read.verdicts) <= set(Verdict)


def test_results_are_taken_apart_and_put_together():
    verdicts = ["digit", "unsure", "not a digit"]
    whole = results([1, 2, -1], [1, 7, 7], [0.9, 0.6, 0.8], [0.95, 0.5, 0.1], verdicts)
    chosen = np.array([True, False, True])
    parts = whole.where(chosen), whole.where(~chosen)
    assert parts[1].digits.tolist() == [7]
    assert parts[1].right.tolist() == [False]
    together = concatenate(parts)
    for part, expected in zip(together, whole, strict=True):
        np.testing.assert_array_equal(part, expected[[0, 2, 1]])


def test_results_without_is_digit_are_taken_apart_and_put_together():
    whole = results([1, 2], [1, 7])
    assert whole.where(np.array([True, False])).is_digit is None
    assert concatenate([whole, whole]).is_digit is None


def test_shares_are_those_of_each_group():
    right = np.array([True, False, True])
    assert share_by(np.array(["b", "b", "a"]), right) == {"a": 1, "b": 0.5}
