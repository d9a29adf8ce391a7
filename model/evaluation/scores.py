"""Results -> the scores of a report."""

from collections.abc import Mapping

import numpy as np

from model.evaluation.metrics import auroc, confusion_matrix, reliability, wilson_interval
from model.evaluation.report import (
    DigitScores,
    DigitSet,
    IsDigitScores,
    Misreading,
    NetworkDescription,
    NonDigitScores,
    OwnNumbers,
    OwnReport,
    PenScores,
)
from model.evaluation.results import Results, share_by
from model.nn.base import Array
from model.recognizer import CONFIDENT_ABOVE, DIGIT_ABOVE, NOT_A_DIGIT_BELOW, Verdict
from model.samples import NON_DIGIT_LABEL


def score_digits(results: Results) -> DigitScores:
    """Score a set of digits, not empty."""
    count, errors = len(results.labels), int((~results.right).sum())
    matrix = confusion_matrix(results.labels, results.digits)
    return DigitScores(
        count=count,
        errors=errors,
        error=errors / count,
        error_interval=wilson_interval(errors, count),
        accuracy_by_digit=share_by(results.labels, results.right),
        confusion_matrix=tuple(map(tuple, matrix.tolist())),
        calibration=reliability(results.confidence, results.right),
        verdicts=None if results.is_digit is None else verdict_shares(results),
    )


def score_pens(by_pen: dict[str, Results], writers: Array) -> PenScores:
    """Score the same drawings with each pen, one of them "usual"; writers are str (N,)."""
    accuracies = {name: float(results.right.mean()) for name, results in by_pen.items()}
    return PenScores(
        mean_accuracy=sum(accuracies.values()) / len(accuracies),
        accuracy_by_pen=accuracies,
        accuracy_by_writer=share_by(writers, by_pen["usual"].right),
    )


def score_is_digit(
    digits: Mapping[DigitSet, Results],
    non_digits: Results,
    kinds: Array,
    lookalikes: Results,
    lookalike_kinds: Array,
) -> IsDigitScores:
    """Score telling digits from what is none, of a network that can.

    Args:
        digits: the sets of digits.
        non_digits: N drawings that are no digit; their kinds are str (N,).
        lookalikes: M that look like one; their kinds are str (M,).
    """
    assert non_digits.is_digit is not None
    likely = {name: one.is_digit for name, one in digits.items() if one.is_digit is not None}
    of_digits = np.concatenate(list(likely.values()))
    outcomes = np.repeat([1.0, 0.0], [len(of_digits), len(non_digits.is_digit)])
    # Digits and non-digits count the same, as when the probability was calibrated.
    weights = np.where(outcomes == 1, 0.5 / len(of_digits), 0.5 / len(non_digits.is_digit))
    return IsDigitScores(
        not_a_digit_below=NOT_A_DIGIT_BELOW,
        digit_above=DIGIT_ABOVE,
        confident_above=CONFIDENT_ABOVE,
        auroc={name: auroc(one, non_digits.is_digit) for name, one in likely.items()},
        calibration=reliability(
            np.concatenate([of_digits, non_digits.is_digit]), outcomes, weights
        ),
        non_digits=score_non_digits(non_digits, kinds),
        lookalikes=score_non_digits(lookalikes, lookalike_kinds),
    )


def score_non_digits(results: Results, kinds: Array) -> NonDigitScores:
    """Score N drawings that are no digit; kinds are str (N,)."""
    return NonDigitScores(
        count=len(results.labels),
        verdicts=verdict_shares(results),
        called_digit_by_kind=share_by(kinds, results.verdicts == Verdict.DIGIT),
    )


def verdict_shares(results: Results) -> dict[Verdict, float]:
    """Return the share of drawings with each verdict."""
    return {verdict: float((results.verdicts == verdict).mean()) for verdict in Verdict}


def score_own(
    network: NetworkDescription,
    results: Results | None,
    names: list[str],
    numbers: OwnNumbers | None = None,
) -> OwnReport:
    """Score somebody's own drawings, digits by reading and others by verdict; list the mistakes.

    Args:
        network: what was measured.
        results: of single digits and of what is none; None if there are only numbers.
        names: of those drawings.
        numbers: the scores of the numbers; None if there are none.
    """
    count = len(names) + (0 if numbers is None else numbers.scores.count)
    if results is None:
        return OwnReport(network, count, None, None, (), numbers)
    is_digit = results.labels != NON_DIGIT_LABEL
    others = results.where(~is_digit)
    return OwnReport(
        network=network,
        count=count,
        digits=score_digits(results.where(is_digit)) if is_digit.any() else None,
        non_digits=(
            None if is_digit.all() else score_non_digits(others, np.full(len(others.labels), "own"))
        ),
        misread=tuple(
            Misreading(names[i], int(results.labels[i]), int(results.digits[i]))
            for i in np.flatnonzero(is_digit & ~results.right)
        ),
        numbers=numbers,
    )
