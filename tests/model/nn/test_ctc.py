from itertools import product

import numpy as np
import pytest
from gradients import check_gradient

from model.nn.ctc import NO_SIGN, ctc_loss, text_log_probabilities
from model.nn.losses import log_softmax, softmax


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def said(path, blank):
    """What a path says: equal neighbours merged, then blanks left out."""
    merged = [sign for i, sign in enumerate(path) if i == 0 or sign != path[i - 1]]
    return tuple(sign for sign in merged if sign != blank)


def enumerated(probabilities, text):
    """P(text) as its definition has it: the sum over all paths, (K + 1)^T of them."""
    columns, outputs = probabilities.shape
    return sum(
        np.prod([probabilities[t, sign] for t, sign in enumerate(path)])
        for path in product(range(outputs), repeat=columns)
        if said(path, outputs - 1) == text
    )


def padded(texts):
    rows = np.full((len(texts), max(map(len, texts))), NO_SIGN)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = text
    return rows


TEXTS = [(), (0,), (1,), (0, 1), (1, 1), (1, 0, 1), (0, 0, 1), (0, 1, 0, 1)]


@pytest.mark.parametrize("columns", [4, 5, 6])
def test_loss_equals_the_sum_over_all_paths(rng, columns):
    texts = [text for text in TEXTS if len(text) < columns]
    logits = rng.standard_normal((len(texts), columns, 3)) * 2
    expected = [
        -np.log(enumerated(probabilities, text))
        for probabilities, text in zip(softmax(logits), texts, strict=True)
    ]
    losses, _ = ctc_loss(logits, padded(texts))
    np.testing.assert_allclose(losses, expected, rtol=1e-12)


def test_all_texts_together_are_certain(rng):
    # With two signs and four columns: every path says one text of at most four signs.
    logits = rng.standard_normal((4, 3)) * 3
    texts = [text for n in range(5) for text in product(range(2), repeat=n)]
    log_p = text_log_probabilities(log_softmax(logits), padded(texts))
    np.testing.assert_allclose(np.exp(log_p).sum(), 1, rtol=1e-12)


def test_by_hand():
    # Two columns, one sign and the blank, each of probability 1/2. 00, 0- and -0 say "0": 3/4.
    # Column 1 has a 0 in 00 and 0-, so 2/3 of P; the gradient there is 1/2 - 2/3 = -1/6.
    losses, gradient = ctc_loss(np.zeros((1, 2, 2)), np.array([[0]]))
    np.testing.assert_allclose(losses, [-np.log(3 / 4)])
    np.testing.assert_allclose(gradient, [[[-1 / 6, 1 / 6]] * 2])


def test_gradient_equals_differences(rng):
    texts = padded([(), (3,), (1, 1, 2), (0, 1, 2, 3, 4), (4, 4, 4, 4)])
    logits = rng.standard_normal((len(texts), 9, 6))
    _, gradient = ctc_loss(logits, texts)
    check_gradient(lambda x: ctc_loss(x, texts)[0].sum(), logits, gradient, rng)


def test_gradient_of_a_column_sums_to_zero(rng):
    # The logits of a column can all be raised alike, and nothing changes.
    _, gradient = ctc_loss(rng.standard_normal((3, 7, 11)), padded([(1,), (2, 2), (9, 0, 9)]))
    np.testing.assert_allclose(gradient.sum(axis=2), 0, atol=1e-12)


def test_texts_beside_it_and_what_fills_the_rows_change_nothing(rng):
    logits = rng.standard_normal((3, 8, 11))
    texts = [(7,), (1, 7, 4, 2), (0, 0)]
    losses, gradient = ctc_loss(logits, padded(texts))
    for i, text in enumerate(texts):
        alone, gradient_alone = ctc_loss(logits[i : i + 1], np.array([text]))
        np.testing.assert_allclose(losses[i], alone[0], rtol=1e-12)
        np.testing.assert_allclose(gradient[i], gradient_alone[0], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(
            text_log_probabilities(log_softmax(logits[i]), np.array([text])), -alone, rtol=1e-12
        )


def test_float32_is_near_float64_for_long_lines_and_large_logits(rng):
    logits = rng.standard_normal((4, 140, 11)) * 20
    texts = rng.integers(0, 10, (4, 20))
    losses, gradient = ctc_loss(logits, texts)
    losses32, gradient32 = ctc_loss(logits.astype(np.float32), texts)
    assert losses32.dtype == gradient32.dtype == np.float32
    np.testing.assert_allclose(losses32, losses, rtol=1e-5)
    np.testing.assert_allclose(gradient32, gradient, atol=2e-3)


def test_what_does_not_fit_is_refused(rng):
    logits = rng.standard_normal((1, 4, 11))
    for texts, words in (
        (np.array([[1, 1, 1]]), "needs 5 columns, and there are 4"),
        (np.array([[10]]), "signs are 0 to 9"),
        (np.array([[-2]]), "signs are 0 to 9"),
        (np.array([[-1, 3]]), "goes on behind"),
        (np.array([[1], [2]]), "do not fit"),
    ):
        with pytest.raises(ValueError, match=words):
            ctc_loss(logits, texts)
