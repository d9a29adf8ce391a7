"""Digits on the paper that cameras bring are read, and what is no digit stays none."""

import numpy as np
import pytest

from model.drawn.non_digits.families import kinds
from model.drawn.non_digits.kinds import Purpose
from model.drawn.papers.generator import generate
from model.drawn.papers.hazards import HAZARDS
from model.recognizer import Recognizer
from model.second_look import read_drawing
from model.weights import load_weights


@pytest.fixture(scope="module")
def recognizer(weights_path) -> Recognizer:
    return load_weights(weights_path)


@pytest.mark.parametrize("hazard", HAZARDS)
def test_digits_on_paper_are_read(recognizer, hazard):
    drawn = generate(60, 5, hazard)
    answers = [read_drawing(recognizer, picture) for picture in drawn.pictures]
    called = np.array([answer.verdict == "digit" for answer in answers])
    right = np.array([answer.digit for answer in answers]) == drawn.labels
    assert (called & right).mean() >= 0.88
    assert (called & ~right).sum() <= 1


def test_no_more_non_digits_are_called_digits(recognizer):
    rng = np.random.default_rng(9)
    choice = [kind for purpose in (Purpose.TRAINING, Purpose.HELD_OUT) for kind in kinds(purpose)]
    pictures = [choice[i].draw(rng) for i in rng.choice(len(choice), 300)]
    verdicts = [read_drawing(recognizer, picture).verdict for picture in pictures]
    assert verdicts.count("digit") <= 6
