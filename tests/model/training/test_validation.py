"""Errors on pictures that were kept back, and probabilities fitted on them."""

import numpy as np
import pytest
from small_training import small_network

from model.nn.losses import sigmoid
from model.samples import NON_DIGIT_LABEL, Samples
from model.training.calibration import fit_sigmoid, fit_temperature
from model.training.validation import calibration, error_rate, logits_of, validation_errors


def samples(seed: int, count: int, *, digits: bool) -> Samples:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count) if digits else np.full(count, NON_DIGIT_LABEL)
    return Samples(rng.integers(0, 256, (count, 28, 28), np.uint8), labels)


def test_a_digit_is_wrong_whatever_the_eleventh_output_says():
    logits = np.zeros((4, 11))
    logits[[0, 1, 2, 3], [3, 3, 5, 5]] = 1
    logits[:, 10] = 9  # larger than any of the digits
    assert error_rate(logits, np.array([3, 4, 5, 6])) == 0.5


def test_a_non_digit_is_wrong_where_it_is_taken_for_a_digit():
    logits = np.zeros((4, 11))
    logits[:, 10] = [-1, 0, 0.5, 2]
    assert error_rate(logits, np.full(4, NON_DIGIT_LABEL)) == 0.5


def test_each_set_has_its_error():
    network = small_network(1)
    sets = {"digits": samples(2, 70, digits=True), "others": samples(3, 50, digits=False)}
    assert validation_errors(network, sets, 2) == {
        name: error_rate(logits_of(network, one, 1), one.labels) for name, one in sets.items()
    }


def test_both_fits_are_on_all_sets_together_and_the_temperature_on_digits_alone():
    network = small_network(1)
    sets = {"digits": samples(2, 300, digits=True), "others": samples(3, 100, digits=False)}
    of_digits, of_others = (logits_of(network, one, 1) for one in sets.values())
    temperature, scale, offset = calibration(network, sets, 1)
    assert temperature == fit_temperature(of_digits[:, :10], sets["digits"].labels)
    last = np.concatenate([of_digits[:, 10], of_others[:, 10]])
    assert (scale, offset) == fit_sigmoid(last, np.arange(400) < 300)
    assert calibration(network, {"digits": sets["digits"]}, 1) == (temperature, 1.0, 0.0)
    assert calibration(network, {}, 1) == (1.0, 1.0, 0.0)


def test_without_balance_the_rare_answer_counts_as_rarely_as_it_comes():
    answers = np.arange(1000) < 900  # of which the logits know nothing
    balanced = fit_sigmoid(np.zeros(1000), answers)
    plain = fit_sigmoid(np.zeros(1000), answers, balanced=False)
    assert sigmoid(np.array(balanced[1])) == pytest.approx(0.5, abs=1e-6)
    assert sigmoid(np.array(plain[1])) == pytest.approx(0.9, abs=1e-6)
