"""Digits on paper are framed with what is left of it; too much of it is no digit."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from sheets import assert_as_committed, drawn_by

from model.drawn.digits.styles import IN_NUMBERS, TRAINING
from model.drawn.digits.writer import digits
from model.drawn.generator import Purpose
from model.drawn.papers.looks import (
    CLOSE,
    DIGITS_ON,
    FAR,
    PAPER,
    digits_on_paper,
    images_on_paper,
    letters_on_paper,
    likeness,
    paper_with_digits,
)
from model.samples import NON_DIGIT_LABEL, Samples


@cache
def drawn_images_on_paper(purpose):
    """Images on paper; in place of MNIST's, which may not be here, some that code drew."""
    rng = np.random.default_rng(2)
    chosen = some(digits(purpose), 200, 1)
    frames = np.array([subject.frame(rng) for subject in chosen])
    labels = np.array([subject.label for subject in chosen])
    return images_on_paper({purpose: Samples(frames, labels)}, purpose)


def some(subjects, count, seed):
    rng = np.random.default_rng(seed)
    shares = np.array([subject.share for subject in subjects])
    assert shares.sum() == pytest.approx(1)
    return [subjects[i] for i in rng.choice(len(subjects), count, p=shares)]


@pytest.mark.parametrize("purpose", [Purpose.TRAINING, Purpose.HELD_OUT])
@pytest.mark.parametrize(
    "subjects", [digits_on_paper, drawn_images_on_paper, letters_on_paper, paper_with_digits]
)
def test_a_generator_decides_what_is_framed(subjects, purpose):
    for subject in some(subjects(purpose), 8, 3):
        first, again = (subject.frame(np.random.default_rng(7)) for _ in range(2))
        assert first.shape == (28, 28)
        assert first.dtype == np.uint8
        assert first.any()
        np.testing.assert_array_equal(first, again)


def test_every_hazard_and_every_digit_is_drawn():
    on_paper = digits_on_paper(Purpose.TRAINING)
    assert {subject.label for subject in on_paper} == set(range(10))
    assert {subject.name.split(" on ")[1] for subject in on_paper} == set(DIGITS_ON)
    of_images = drawn_images_on_paper(Purpose.TRAINING)
    assert {subject.label for subject in of_images} == set(range(10))
    letters = letters_on_paper(Purpose.TRAINING)
    assert {subject.label for subject in letters} == {NON_DIGIT_LABEL}
    assert {subject.name.split(" on ")[-1] for subject in letters} == set(DIGITS_ON)
    around = paper_with_digits(Purpose.TRAINING)
    assert {subject.label for subject in around} == {NON_DIGIT_LABEL}
    assert {subject.name.split(" around ")[0] for subject in around} == set(PAPER)


def test_digits_like_letters_are_not_drawn_on_paper():
    drawn = {subject.name.split(" on ")[0] for subject in digits_on_paper(Purpose.TRAINING)}
    like_letters = {name for name, style in IN_NUMBERS.items() if style.like_a_letter}
    assert "eight_like_e" in like_letters
    assert drawn == TRAINING.keys() | IN_NUMBERS.keys() - like_letters


@pytest.mark.parametrize("subjects", [digits_on_paper, letters_on_paper])
def test_what_is_left_out_of_training_is_other_on_paper_too(subjects):
    training, held_out = (
        {subject.name for subject in subjects(purpose)}
        for purpose in (Purpose.TRAINING, Purpose.HELD_OUT)
    )
    assert not training & held_out


def test_likeness_is_of_shapes():
    bar = np.zeros((28, 28), np.uint8)
    bar[4:24, 13:15] = 255
    thicker, framed = bar.copy(), bar.copy()
    thicker[4:24, 15] = 255
    framed[[1, 2, 25, 26], 2:26] = framed[1:27, [2, 3, 24, 25]] = 255
    assert likeness(bar, bar) == pytest.approx(1)
    assert likeness(bar, bar // 2) > 0.999
    assert CLOSE < likeness(bar, thicker) < 1
    assert likeness(bar, framed) < FAR
    assert likeness(bar, np.zeros_like(bar)) == 0


@pytest.mark.parametrize(
    ("subjects", "count"),
    [
        (digits_on_paper, 24),
        (drawn_images_on_paper, 8),
        (letters_on_paper, 12),
        (paper_with_digits, 4),
    ],
)
def test_paper_is_framed_as_it_was_when_the_weights_were_trained(subjects, count):
    rows = {
        f"{purpose.name} {subject.name}": drawn_by(subject.frame, subject.name, 4)
        for purpose in (Purpose.TRAINING, Purpose.HELD_OUT)
        for subject in some(subjects(purpose), count, 5)
    }
    assert_as_committed(Path(__file__).with_name(f"{subjects.__name__}.png"), rows)
