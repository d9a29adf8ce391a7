import numpy as np

from model.nn.losses import sigmoid, softmax
from model.training.calibration import fit_sigmoid, fit_temperature


def test_the_temperature_that_made_the_labels_is_found():
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((40_000, 10)) * 3
    wanted = 2.5
    chances = softmax(logits / wanted)
    labels = (chances.cumsum(axis=1) > rng.uniform(size=(len(logits), 1))).argmax(axis=1)
    assert abs(fit_temperature(logits, labels) - wanted) < 0.05


def test_the_sigmoid_that_made_the_answers_is_found():
    rng = np.random.default_rng(0)
    logits = rng.standard_normal(60_000) * 4
    answers = rng.uniform(size=logits.shape) < sigmoid(0.5 * logits)
    scale, offset = fit_sigmoid(logits, answers)
    assert abs(scale - 0.5) < 0.02
    assert abs(offset) < 0.05


def test_yes_and_no_count_the_same():
    rng = np.random.default_rng(0)
    yes, no = rng.normal(2, 1, 20_000), rng.normal(-2, 1, 20_000)
    balanced = fit_sigmoid(np.concatenate([yes, no]), np.repeat([1, 0], 20_000))
    rare = fit_sigmoid(np.concatenate([yes[:2000], no]), np.repeat([1, 0], [2000, 20_000]))
    np.testing.assert_allclose(balanced, rare, atol=0.25)


def test_answers_that_a_line_separates_end_with_finite_numbers():
    scale, offset = fit_sigmoid(np.array([-2.0, -1, 1, 2]), np.array([0, 0, 1, 1]))
    assert np.isfinite([scale, offset]).all()
    assert scale > 1
