import numpy as np
from made_results import results

from model.evaluation.mistakes import misread, refused_digits, taken_for_digits


def captions(tiles):
    return [tile.caption for tile in tiles]


def test_misread_digits_come_with_the_most_confident_first():
    wrong = results([1, 2, 3, -1], [7, 2, 8, 4], confidence=[0.6, 0.9, 0.8, 0.99])
    assert captions(misread(wrong)) == ["3, read 8\n0.80", "1, read 7\n0.60"]


def test_non_digits_that_are_called_digits_come_with_the_likeliest_first():
    verdicts = ["digit", "not a digit", "digit"]
    others = results([-1] * 3, [0] * 3, is_digit=[0.91, 0.2, 0.99], verdicts=verdicts)
    kinds = np.array(["latin/K", "latin/M", "shape/star"])
    assert captions(taken_for_digits(others, kinds)) == ["star\n0.99", "K\n0.91"]


def test_digits_that_are_called_none_come_with_the_least_likely_first():
    verdicts = ["not a digit"] * 2 + ["digit"]
    digits = results([1, 2, 3], [1, 2, 3], is_digit=[0.3, 0.1, 0.9], verdicts=verdicts)
    assert captions(refused_digits([digits])) == ["2\n0.10", "1\n0.30"]
    assert refused_digits([results([1], [1])]) == [], "a network that cannot tell refuses none"
