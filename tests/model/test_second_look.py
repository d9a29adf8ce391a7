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
from model.frame.clutter import Candidate, SecondLook
from model.frame.parts import Box
from model.frame.preprocess import EmptyDrawing, frame_drawing
from model.number_reader import NumberReader
from model.recognizer import Reading, Recognizer, Verdict
from model.second_look import Answer, read_drawing
from model.training.recipes import RECIPES
from model.weights import load_numbers, load_weights, numbers_beside


@pytest.fixture(scope="module")
def recognizer(weights_path) -> Recognizer:
    return load_weights(weights_path)


@pytest.fixture(scope="module")
def numbers(weights_path, recognizer) -> NumberReader:
    return load_numbers(numbers_beside(weights_path), recognizer)


def answered(
    recognizer: Recognizer, picture: np.ndarray, numbers: NumberReader | None
) -> Answer | None:
    """What was read; None in a picture that seems empty, as the faintest pencil may."""
    try:
        return read_drawing(recognizer, picture, numbers)
    except EmptyDrawing:
        return None


@pytest.mark.parametrize("hazard", HAZARDS)
def test_digits_on_paper_are_read(recognizer, numbers, hazard):
    drawn = generate(80, 5, hazard)  # the share is known to 4 points
    answers = [answered(recognizer, picture, numbers) for picture in drawn.pictures]
    called = np.array(
        [answer is not None and answer.verdict is Verdict.DIGIT for answer in answers]
    )
    right = np.array([answer and answer.digit for answer in answers]) == drawn.labels
    assert (called & right).mean() >= 0.88
    assert (called & ~right).sum() <= 2


def test_no_more_non_digits_are_called_digits(recognizer, numbers):
    rng = np.random.default_rng(9)
    choice = [kind for purpose in (Purpose.TRAINING, Purpose.HELD_OUT) for kind in kinds(purpose)]
    pictures = [choice[i].draw(rng) for i in rng.choice(len(choice), 300)]
    verdicts = [read_drawing(recognizer, picture, numbers).verdict for picture in pictures]
    assert verdicts.count(Verdict.DIGIT) <= 6


def seven(size: int = 140) -> np.ndarray:
    strokes = [polyline((0, 0), (0.6, 0), (0.2, 1))]
    return render(strokes, size=size, height=0.6 * size, line_width=0.07 * size)


def test_a_plain_digit_is_looked_at_once(recognizer, monkeypatch):
    monkeypatch.setattr(second_look, "look_again", lambda *_, **__: pytest.fail("looked again"))
    answer = read_drawing(recognizer, seven())
    assert (answer.digit, answer.verdict, answer.ignored) == (7, Verdict.DIGIT, [])


def test_what_leaves_a_doubt_on_paper_is_digits_more_often_once_numbers_are_asked(
    recognizer, numbers
):
    drawn = generate(150, 7, "tight", held_out=True)
    called, wrong = [], []
    for asked in (None, numbers):
        answers = [read_drawing(recognizer, picture, asked) for picture in drawn.pictures]
        is_digit = np.array([answer.verdict is Verdict.DIGIT for answer in answers])
        right = np.array([answer.digit for answer in answers]) == drawn.labels
        called.append(int((is_digit & right).sum()))
        wrong.append(int((is_digit & ~right).sum()))
    assert called[1] > called[0]
    assert wrong[1] <= wrong[0] + 1


class Told:
    """In place of the network for numbers: says what the test wants, and counts how often."""

    def __init__(self, **lone: float) -> None:
        self.lone = np.array([lone.get(f"d{digit}", 0.0) for digit in range(10)])
        self.asked = 0

    def lone_digit(self, grey: np.ndarray) -> np.ndarray:
        self.asked += 1
        return self.lone


def heard(
    recognizer: Recognizer,
    told: Told,
    is_digit: float,
    paper: int = 8,
    verdict: Verdict = Verdict.UNSURE,
) -> Answer:
    """The answer to a 7 on paper that varies, of which the digits' network is not sure."""
    picture = seven().astype(int) - np.random.default_rng(0).integers(0, paper, (140, 140))
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    first = read_drawing(recognizer, picture)
    probabilities = np.full((1, 10), 0.01)
    probabilities[0, 7] = 0.91
    reading = Reading(probabilities, np.array([is_digit]))
    doubtful = first._replace(reading=reading, verdict=verdict)
    return second_look.read_again(recognizer, picture, doubtful, told) or doubtful


@pytest.fixture
def nothing_to_leave_out(monkeypatch):
    monkeypatch.setattr(second_look, "look_again", lambda *_, **__: None)


@pytest.mark.usefixtures("nothing_to_leave_out")
@pytest.mark.parametrize(
    ("lone", "is_digit", "verdict", "then"),
    [
        ({"d7": 0.97}, 0.3, Verdict.DIGIT, 0.9984),
        ({"d7": 0.85, "d1": 0.05}, 0.02, Verdict.DIGIT, 0.9747),
        ({"d7": 0.1}, 0.1, Verdict.UNSURE, 0.526),  # neither is sure
        ({"d7": 0.8}, 0.0005, Verdict.UNSURE, 0.7283),  # one of them is sure that it is none
        ({"d7": 0.001}, 0.3, Verdict.UNSURE, 0.3),  # that cannot take away what the other says
        ({"d1": 0.97}, 0.3, Verdict.UNSURE, 0.3),  # they read different digits
    ],
)
def test_both_networks_must_read_the_same(recognizer, lone, is_digit, verdict, then):
    answer = heard(recognizer, Told(**lone), is_digit)
    assert answer.verdict is verdict
    assert answer.reading.is_digit == pytest.approx([then], abs=1e-3)
    assert answer.reading.probabilities.sum() == pytest.approx(1)


@pytest.mark.usefixtures("nothing_to_leave_out")
def test_where_they_differ_the_surer_one_is_read(recognizer):
    answer = heard(recognizer, Told(d1=0.99, d7=0.0001), 0.3)
    assert (answer.digit, answer.verdict) == (1, Verdict.UNSURE)
    assert heard(recognizer, Told(d1=0.005), 0.3).digit == 7


@pytest.mark.usefixtures("nothing_to_leave_out")
@pytest.mark.parametrize(
    ("lone", "then"), [({"d7": 0.9}, Verdict.DIGIT), ({"d1": 0.9}, Verdict.UNSURE)]
)
def test_a_digit_on_paper_that_is_not_sure_is_one_if_both_read_the_same(recognizer, lone, then):
    told = Told(**lone)
    assert heard(recognizer, told, 0.99, verdict=Verdict.DIGIT).verdict is then
    assert told.asked == 1


@pytest.mark.usefixtures("nothing_to_leave_out")
def test_the_network_for_numbers_is_asked_about_doubtful_paper_alone(recognizer):
    told = Told(d7=1.0)
    assert heard(recognizer, told, 0.0002).verdict is Verdict.UNSURE  # surely no digit
    assert heard(recognizer, told, 0.3, paper=1).verdict is Verdict.UNSURE  # a canvas
    assert read_drawing(recognizer, seven(), told).verdict is Verdict.DIGIT  # no doubt
    assert told.asked == 0
    assert heard(recognizer, told, 0.3).verdict is Verdict.DIGIT
    assert told.asked == 1


def candidate(strokes: list[list[tuple[float, float]]]) -> Candidate:
    """A way to take the picture apart that leaves these strokes."""
    left = render([polyline(*stroke) for stroke in strokes], size=140, height=84, line_width=10)
    return Candidate(frame_drawing(left).frame, 0, False, False, [Box(0, 0, 9, 140)])


def reaching_the_border(answer: Answer) -> Answer:
    return answer._replace(framed=answer.framed._replace(at_border=True))


A_SEVEN = candidate([[(0, 0), (0.6, 0), (0.2, 1)]])
A_ONE = candidate([[(0, 0), (0, 1)]])
NOTHING = candidate(
    [[(0, 0), (1, 1)], [(0, 1), (1, 0)], [(0, 0.5), (1, 0.5)], [(0.5, 0), (0.5, 1)]]
)


@pytest.mark.parametrize(
    ("candidates", "cut", "then"),
    [
        ([A_SEVEN], 0.2, (7, Verdict.DIGIT)),
        ([A_ONE], 0.2, (1, Verdict.DIGIT)),  # the dark border was a part of what seemed a 7
        ([A_ONE], 0.0, (7, Verdict.UNSURE)),  # it can be read two ways
        ([A_SEVEN], 0.0, (7, Verdict.DIGIT)),
        ([NOTHING], 0.2, (7, Verdict.UNSURE)),  # the dark border may be all that was seen
        ([NOTHING], 0.0, (7, Verdict.DIGIT)),
    ],
)
def test_what_the_looks_agree_on_is_the_digit(recognizer, monkeypatch, candidates, cut, then):
    picture = seven()
    first = reaching_the_border(read_drawing(recognizer, picture))
    monkeypatch.setattr(second_look, "look_again", lambda *_, **__: SecondLook(candidates, cut))
    answer = second_look.read_again(recognizer, picture, first) or first
    assert (answer.digit, answer.verdict) == then


def test_two_digits_that_second_looks_see_are_a_doubt(recognizer, monkeypatch):
    first = reaching_the_border(read_drawing(recognizer, seven()))
    look = SecondLook([A_SEVEN, A_ONE], 0.2)
    monkeypatch.setattr(second_look, "look_again", lambda *_, **__: look)
    answer = second_look.read_again(recognizer, seven(), first)
    assert answer is not None
    assert answer.verdict is Verdict.UNSURE


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
