import numpy as np
import pytest
from made_results import results

from model.data.pen_numbers import NumberPicture
from model.evaluation.numbers import NumberResults, score_own_numbers
from model.evaluation.report import (
    DigitSet,
    Misreading,
    MisreadNumber,
    NetworkDescription,
)
from model.evaluation.scores import score_digits, score_is_digit, score_own, score_pens
from model.number_reader import NumberReading
from model.recognizer import Verdict


def test_digits_are_scored_by_error_by_digit_and_by_confusion():
    labels = [0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
    scores = score_digits(results(labels, [0, 0, 1, 1, 1, 7, 2, 2, -1, 2]))
    assert (scores.count, scores.errors, scores.error) == (10, 2, 0.2)
    assert scores.accuracy_by_digit == {"0": 1, "1": 0.75, "2": 0.75}
    assert scores.confusion_matrix[1][7] == 1
    assert np.sum(scores.confusion_matrix) == 9, "a drawing without ink is in no column"
    assert scores.calibration.error == pytest.approx(0.1), "0.9 given, 0.8 came true"
    assert scores.verdicts is None, "this network does not tell what is a digit"


def test_pen_drawings_are_scored_by_the_mean_over_the_pens_by_pen_and_by_writer():
    labels = [1, 2, 3, 4]
    by_pen = {
        "usual": results(labels, [1, 2, 3, 9]),
        "marker": results(labels, [1, 2, 9, 9]),
    }
    scores = score_pens(by_pen, np.array(["a", "a", "a", "b"]))
    assert scores.mean_accuracy == 0.625
    assert scores.accuracy_by_pen == {"usual": 0.75, "marker": 0.5}
    assert scores.accuracy_by_writer == {"a": 1, "b": 0}
    assert (scores.worst_writer, scores.best_writer) == (0, 1)


def test_is_digit_is_scored_on_both_sides_with_equal_weight():
    digits = results([1] * 30, [1] * 30, is_digit=[0.95] * 27 + [0.05] * 3)
    verdicts = ["digit"] * 2 + ["unsure"] * 3 + ["not a digit"] * 5
    none = results([-1] * 10, [3] * 10, is_digit=[0.95] * 2 + [0.05] * 8, verdicts=verdicts)
    kinds = np.array(["letter/K"] * 5 + ["shape/star"] * 5)
    alike = results([-1] * 4, [3] * 4, is_digit=0.95)
    scores = score_is_digit({DigitSet.MNIST_TEST: digits}, none, kinds, alike, np.full(4, "o"))
    assert scores.non_digits.count == 10
    assert scores.non_digits.verdicts == {
        Verdict.DIGIT: 0.2,
        Verdict.UNSURE: 0.3,
        Verdict.NOT_A_DIGIT: 0.5,
    }
    assert scores.non_digits.called_digit_by_kind == {"letter/K": 0.4, "shape/star": 0.0}
    assert scores.non_digits.worst_kinds() == [("letter/K", 0.4)]
    assert scores.lookalikes.called_digit_by_kind == {"o": 1}
    # A digit scores above a non-digit in 0.9 * 0.8 of the pairs and ties in 0.9 * 0.2 + 0.1 * 0.8.
    assert scores.auroc == {DigitSet.MNIST_TEST: pytest.approx(0.72 + 0.26 / 2)}
    # Halves: at 0.95 are 0.9 / 2 digits and 0.2 / 2 others, so 0.45 / 0.55 came true; at 0.05
    # 0.1 / 2 of 0.45.
    expected = 0.55 * (0.95 - 0.45 / 0.55) + 0.45 * (0.05 / 0.45 - 0.05)
    assert scores.calibration.error == pytest.approx(expected)


NETWORK = NetworkDescription("ab", "default", 1, 2, 3, 1.0, (), {})


def test_own_drawings_are_scored_apart_by_what_they_were_meant_to_be():
    verdicts = ["digit", "digit", "not a digit", "digit"]
    own = results([7, 7, -1, -1], [7, 1, 4, 4], is_digit=0.9, verdicts=verdicts)
    report = score_own(NETWORK, own, ["a.png", "b.png", "c.png", "d.png"])
    assert report.count == 4
    assert report.digits.error == 0.5
    assert report.non_digits.verdicts[Verdict.DIGIT] == 0.5
    assert report.misread == (Misreading(name="b.png", label=7, read=1),)


@pytest.mark.parametrize(("label", "absent"), [(7, "non_digits"), (-1, "digits")])
def test_own_drawings_of_one_sort_have_no_scores_of_the_other(label, absent):
    report = score_own(NETWORK, results([label], [7], is_digit=0.9), ["a.png"])
    assert getattr(report, absent) is None


def test_own_numbers_are_scored_by_exactly_right_confidence_and_verdict():
    pictures = [NumberPicture(np.zeros((2, 2), np.uint8), each) for each in ("42", "7", "007", "1")]
    given = [("42", 0.9, "number"), ("1", 0.8, "number"), ("07", 0.5, "unsure")]
    readings = [NumberReading(*each, [], [], [], True) for each in given]
    names = ["a.png", "b.png", "c.png", "d.png"]
    own = score_own_numbers("f00", NumberResults(pictures, [*readings, None]), names)
    scores = own.scores
    assert (scores.count, scores.right, scores.called, scores.right_of_called) == (
        4,
        0.25,
        0.5,
        0.5,
    )
    # Each in a bin of its own: 0.1, 0.8, 0.5 and 0 away from what came true.
    assert scores.calibration_error == pytest.approx((0.1 + 0.8 + 0.5 + 0) / 4)
    assert own.misread == (
        MisreadNumber("b.png", "7", "1", 0.8, "number"),
        MisreadNumber("c.png", "007", "07", 0.5, "unsure"),
        MisreadNumber("d.png", "1", None, 0.0, None),
    )
    report = score_own(NETWORK, None, [], own)
    assert (report.count, report.digits, report.non_digits, report.misread) == (4, None, None, ())
    assert report.numbers == own
    assert score_own(NETWORK, results([7], [7]), ["a.png"], own).count == 5
