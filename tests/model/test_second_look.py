"""Digits on the paper that cameras bring are read, and what is no digit stays none."""

import contextlib

import numpy as np
import pytest

from model import second_look
from model.drawn.non_digits.families import kinds
from model.drawn.non_digits.kinds import Purpose
from model.drawn.papers.generator import generate
from model.drawn.papers.hazards import HAZARDS
from model.drawn.strokes import polyline, render
from model.frame.preprocess import EmptyDrawing
from model.recognizer import Recognizer, Verdict
from model.second_look import Answer, read_drawing
from model.training.recipes import RECIPES
from model.weights import load_weights


@pytest.fixture(scope="module")
def recognizer(weights_path) -> Recognizer:
    return load_weights(weights_path)


def answered(recognizer: Recognizer, picture: np.ndarray) -> Answer | None:
    """What was read; None in a picture that seems empty, as the faintest pencil may."""
    try:
        return read_drawing(recognizer, picture)
    except EmptyDrawing:
        return None


@pytest.mark.parametrize("hazard", HAZARDS)
def test_digits_on_paper_are_read(recognizer, hazard):
    drawn = generate(120, 5, hazard)  # the share is known to 3 points
    answers = [answered(recognizer, picture) for picture in drawn.pictures]
    called = np.array(
        [answer is not None and answer.verdict is Verdict.DIGIT for answer in answers]
    )
    right = np.array([answer and answer.digit for answer in answers]) == drawn.labels
    assert (called & right).mean() >= 0.88
    assert (called & ~right).sum() <= 3


def test_no_more_non_digits_are_called_digits(recognizer):
    rng = np.random.default_rng(9)
    choice = [kind for purpose in (Purpose.TRAINING, Purpose.HELD_OUT) for kind in kinds(purpose)]
    pictures = [choice[i].draw(rng) for i in rng.choice(len(choice), 300)]
    verdicts = [read_drawing(recognizer, picture).verdict for picture in pictures]
    assert verdicts.count(Verdict.DIGIT) <= 6


def seven(size: int = 140) -> np.ndarray:
    strokes = [polyline((0, 0), (0.6, 0), (0.2, 1))]
    return render(strokes, size=size, height=0.6 * size, line_width=0.07 * size)


def test_a_plain_digit_is_looked_at_once(recognizer, monkeypatch):
    monkeypatch.setattr(second_look, "look_again", lambda *_, **__: pytest.fail("looked again"))
    answer = read_drawing(recognizer, seven())
    assert (answer.digit, answer.verdict, answer.ignored) == (7, Verdict.DIGIT, [])


def test_a_dark_border_is_no_digit_and_is_told(recognizer):
    picture = seven()
    picture[:, :25] = 20
    answer = read_drawing(recognizer, picture)
    assert (answer.digit, answer.verdict) == (7, Verdict.DIGIT)
    [border] = answer.ignored
    assert (border.left, border.top, border.height) == (0, 0, 140)
    assert border.width == pytest.approx(25, abs=4)


def test_a_dark_border_alone_is_no_digit(recognizer):
    picture = np.full((140, 140), 220, np.uint8)
    picture[:, :25] = 20
    with contextlib.suppress(EmptyDrawing):
        assert read_drawing(recognizer, picture).verdict is not Verdict.DIGIT


def test_two_digits_are_not_one(recognizer):
    picture = np.concatenate([seven()[:, 20:], seven()[:, :120]], axis=1)
    assert read_drawing(recognizer, picture).verdict is not Verdict.DIGIT


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (300, 20)])
def test_an_empty_picture_stays_empty(recognizer, level, shape):
    with pytest.raises(EmptyDrawing):
        read_drawing(recognizer, np.full(shape, level, np.uint8))


@pytest.mark.parametrize("drawing", [np.zeros((0, 5), np.uint8), np.zeros((5, 5)), None])
def test_what_is_no_grey_picture_is_refused(recognizer, drawing):
    with pytest.raises(ValueError, match="a drawing"):
        read_drawing(recognizer, drawing)


def test_a_network_that_cannot_tell_never_looks_again():
    recognizer = Recognizer(RECIPES["tutorial"].network(1), 1.0, 1.0, 0.0, {})
    picture = seven()
    picture[:, :25] = 20
    assert read_drawing(recognizer, picture).ignored == []
    with pytest.raises(EmptyDrawing):
        read_drawing(recognizer, np.full((100, 100), 255, np.uint8))
