from itertools import product

import numpy as np
import pytest

from model.nn.ctc import NO_SIGN, text_log_probabilities
from model.nn.ctc_decoding import best_of_length, likeliest_texts, places
from model.nn.losses import log_softmax


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def all_texts(signs, longest):
    return [text for n in range(longest + 1) for text in product(range(signs), repeat=n)]


def all_paths(log_p):
    """Every path with its logarithm and the text that it says, found by trying them all."""
    columns, outputs = log_p.shape
    for path in product(range(outputs), repeat=columns):
        merged = [s for i, s in enumerate(path) if i == 0 or s != path[i - 1]]
        p = sum(log_p[t, s] for t, s in enumerate(path))
        yield p, path, tuple(s for s in merged if s != outputs - 1)


def padded(texts):
    rows = np.full((len(texts), max(map(len, texts))), NO_SIGN)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = text
    return rows


def test_a_wide_beam_finds_every_text_and_its_probability(rng):
    log_p = log_softmax(rng.standard_normal((5, 3)) * 0.5)
    texts = all_texts(2, 5)
    log_texts = text_log_probabilities(log_p, padded(texts))
    expected = {text: p for text, p in zip(texts, log_texts, strict=True) if p > -100}
    found = dict(likeliest_texts(log_p, beam=1000))
    assert found.keys() == expected.keys()
    for text, p in found.items():
        np.testing.assert_allclose(p, expected[text], rtol=1e-9)


def test_the_likeliest_text_is_not_always_that_of_the_likeliest_path():
    # Two columns, blank 0.6 and sign 0.4 in both: the path -- has 0.36, but "0" has 0.64.
    log_p = np.log([[0.4, 0.6], [0.4, 0.6]])
    (text, p), (nothing, q) = likeliest_texts(log_p)
    assert (text, nothing) == ((0,), ())
    np.testing.assert_allclose(np.exp([p, q]), [0.64, 0.36])


def test_texts_of_a_length(rng):
    log_p = log_softmax(rng.standard_normal((6, 4)) * 2)
    texts = list(product(range(3), repeat=3))
    best = max(texts, key=lambda text: text_log_probabilities(log_p, np.array([text]))[0])
    found = likeliest_texts(log_p, beam=1000, length=3)
    assert found[0][0] == best
    assert {len(text) for text, _ in found} == {3}


def test_long_lines_do_not_leave_the_range_of_numbers(rng):
    log_p = log_softmax(rng.standard_normal((2000, 11)) * 0.1)
    texts = likeliest_texts(log_p, beam=3)
    assert all(np.isfinite(p) and p < -1000 for _, p in texts)


def test_a_beam_of_one_says_a_text_of_the_length():
    log_p = np.log([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    assert likeliest_texts(log_p, beam=1, length=1)[0][0] == (0,)


@pytest.mark.parametrize("less", [0.0, 3.0])
def test_probabilities_stay_exact_over_columns_that_say_nothing_and_far_below_1(rng, less):
    # Nearly nothing but blanks, but for a sign or a doubt at every fourth column.
    logits = rng.standard_normal((40, 4))
    logits[:, 3] += 30
    logits[::8, rng.integers(0, 3)] += 31
    logits[4::8] = rng.standard_normal((5, 4))
    log_p = log_softmax(logits) - less
    texts = likeliest_texts(log_p, beam=400)[:20]
    wanted = text_log_probabilities(log_p, padded([text for text, _ in texts]))
    np.testing.assert_allclose([p for _, p in texts], wanted, atol=1e-6)


@pytest.mark.parametrize("text", [(1, 1, 0), (0,), (1, 0, 1, 0)])
@pytest.mark.parametrize("seed", range(6))
def test_places_are_those_of_the_likeliest_path(text, seed):
    log_p = log_softmax(2 * np.random.default_rng(seed).standard_normal((7, 3)))
    _, best_path = max((p, path) for p, path, says in all_paths(log_p) if says == text)
    found = places(log_p, text)
    said = np.full(7, 2)
    for sign, (first, last) in zip(text, found, strict=True):
        said[first : last + 1] = sign
    np.testing.assert_array_equal(said, best_path)


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_the_likeliest_path_of_a_length_is_found_without_trying_them_all(length, seed):
    log_p = log_softmax(2 * np.random.default_rng(seed).standard_normal((5, 4)))
    _, said = max((p, says) for p, _, says in all_paths(log_p) if len(says) == length)
    assert best_of_length(log_p, length) == said


def test_a_length_needs_as_many_columns():
    with pytest.raises(ValueError, match="2 columns are too few for 3 signs"):
        best_of_length(np.log(np.full((2, 3), 1 / 3)), 3)


def test_places_needs_columns_enough():
    with pytest.raises(ValueError, match="2 columns are too few"):
        places(np.log(np.full((2, 3), 1 / 3)), (1, 1))
