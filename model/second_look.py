"""A drawing that is not plainly a digit is looked at again, with other ink left out.

The first look takes all ink for the digit's. Where what comes out is no digit, or where ink reaches
the border of the picture, `frame.clutter` takes the picture apart. What the looks agree on is the
digit; what can be read two ways is "unsure".

A picture that a camera or a scanner made, and that is not surely a digit even so, is read by the
network for numbers too, if it is at hand: it has learned digits among other ink. Where both read
the same, what they say of its being a digit is added up.
"""

import math
from typing import NamedTuple

import numpy as np

from model.errors import EmptyDrawing
from model.frame.clutter import SecondLook, look_again
from model.frame.parts import Box
from model.frame.preprocess import Framed, frame_drawing
from model.frame.strength import Grey
from model.nn.base import Array
from model.nn.losses import log_odds_of, sigmoid
from model.number_reader import NumberReader
from model.recognizer import Reading, Recognizer, Verdict, verdict


class Caution(NamedTuple):
    """When looks are heard; all but ``cut`` are is_digit times confidence, 0 to 1.

    likely: from here on the first look has a say.
    sure: at least one second look must reach this for the drawing to be called a digit.
    cut: how much of the picture must be dark along a border, 0 to 1, for the first look to have
        none: that area may be all that it saw.
    """

    likely: float
    sure: float
    cut: float


# Chosen on digits and non-digits drawn by code.
USUAL = Caution(likely=0.8, sure=0.85, cut=0.0)
LOW = Caution(likely=0.03, sure=0.95, cut=0.3)
"""For low pictures: strokes that fill them are easily taken for lines, neighbours, dark borders."""
LOW_SIDE = 40  # pixels: a picture with a shorter side up to this is low
SAYS = 0.8  # is_digit times confidence from which on a second look says something
AGAINST = 0.5  # likewise, from which on it speaks against a digit that fills its picture

# Of the network for numbers, chosen on what was drawn on paper in styles and of kinds left out.
ASKED = 0.0003  # is_digit from which on it is asked
SURE = 0.95  # is_digit times confidence from which on a digit is one without it
# Where both read the same, the log-odds that it is a digit are so much of those that its network
# gives, all of those that the other one gives, and a constant. Both doubt many digits that are cut
# out of a row: without the constant few of them are called digits. It costs letters on paper, which
# `python -m model evaluate` counts (docs/decisions/both-networks.md).
_PART, _CONSTANT = 0.5, 3.4
_UNHEARD = 1e-3  # added to each of its probabilities: it rules nothing out
_COUNTS = 2  # times as much as the other network it counts in which digit it is


class Answer(NamedTuple):
    """What was read in a drawing.

    framed: the frame that was read.
    reading: its reading, N = 1.
    verdict: what it is worth.
    ignored: boxes of ink that was not taken for the digit's, in pixels of the picture.
    """

    framed: Framed
    reading: Reading
    verdict: Verdict
    ignored: list[Box]

    @property
    def digit(self) -> int:
        """The digit with the largest probability."""
        return int(self.reading.probabilities[0].argmax())


def read_drawing(recognizer: Recognizer, grey: Grey, numbers: NumberReader | None = None) -> Answer:
    """Read a drawing, uint8 (H, W), 0 black to 255 white, of either polarity; twice if need be.

    ``numbers`` is asked about pictures of paper that leave a doubt; None for nobody.

    Raises ValueError for anything but a uint8 picture, and EmptyDrawing when it holds no ink.
    """
    try:
        framed = frame_drawing(grey)
    except EmptyDrawing:
        second = read_again(recognizer, grey, None, numbers) if grey.size else None
        if second is None:
            raise
        return second
    reading = recognizer.read(framed.frame[np.newaxis])
    is_digit = None if reading.is_digit is None else float(reading.is_digit[0])
    first = Answer(framed, reading, verdict(float(reading.probabilities.max()), is_digit), [])
    second = read_again(recognizer, grey, first, numbers) if worth_it(first) else None
    return first if second is None else second


def worth_it(first: Answer) -> bool:
    """Say whether a drawing should be looked at again, given what the first look gave."""
    if first.reading.is_digit is None:  # from a network that cannot tell
        return False
    return _may_have_other_ink(first) or (first.framed.seen and _score(first) < SURE)


def _may_have_other_ink(first: Answer) -> bool:
    framed = first.framed
    return first.verdict is not Verdict.DIGIT or (framed.at_border and not framed.tight)


def read_again(
    recognizer: Recognizer,
    grey: Grey,
    first: Answer | None,
    numbers: NumberReader | None = None,
) -> Answer | None:
    """Look again at a picture, uint8 (H, W), and return the answer; None if the first look stands.

    Args:
        recognizer: that can tell what is a digit; from another the first look stands.
        grey: the picture, as in `read_drawing`.
        first: what the first look gave; None for a picture that seemed empty, and then an answer
            is always a digit.
        numbers: as in `read_drawing`.
    """
    second = None
    if first is None or _may_have_other_ink(first):
        second = _second_look(recognizer, grey, first)
    if numbers is None or first is None or not first.framed.seen:
        return second
    doubtful = second or first
    if doubtful.reading.is_digit is None or doubtful.reading.is_digit[0] < ASKED:
        return second
    if doubtful.verdict is Verdict.DIGIT and _score(doubtful) >= SURE:
        return second
    return _heard(numbers, grey, doubtful) or second


def _heard(numbers: NumberReader, grey: Grey, doubtful: Answer) -> Answer | None:
    """Return the answer once the network for numbers is heard too; None if it finds no ink.

    What both name has the geometric mean of their probabilities, weighted.
    """
    assert doubtful.reading.is_digit is not None
    is_digit = float(doubtful.reading.is_digit[0])
    try:
        lone = numbers.lone_digit(grey)
    except EmptyDrawing:
        return None
    shares = doubtful.reading.probabilities[0] * (lone + _UNHEARD) ** _COUNTS
    shares = shares ** (1 / (1 + _COUNTS))
    probabilities = shares / shares.sum()
    said = doubtful.verdict
    if lone.argmax() == doubtful.digit:
        both = _PART * _log_odds(is_digit) + _log_odds(float(lone.sum())) + _CONSTANT
        is_digit = max(is_digit, float(sigmoid(np.array(both))))
        said = verdict(float(probabilities.max()), is_digit)
    elif said is Verdict.DIGIT:
        said = Verdict.UNSURE
    reading = Reading(probabilities[np.newaxis], np.array([is_digit]))
    return doubtful._replace(reading=reading, verdict=said)


def _log_odds(probability: float) -> float:
    return log_odds_of(math.log(max(probability, 1e-6)))


def _second_look(recognizer: Recognizer, grey: Grey, first: Answer | None) -> Answer | None:
    """Look again at a picture without the ink that is not the digit's, as `read_again` says."""
    tight = first is not None and first.framed.tight
    look = look_again(grey, tight=tight)
    if look is None:
        return None
    readings = recognizer.read(np.stack([one.frame for one in look.candidates]))
    if readings.is_digit is None:
        return None
    digits = readings.probabilities.argmax(axis=1)
    scores = readings.is_digit * readings.probabilities.max(axis=1)
    scores[[one.doubtful for one in look.candidates]] = 0
    caution = LOW if min(grey.shape) <= LOW_SIDE else USUAL
    best = int(scores.argmax())
    says = set(digits[scores > SAYS].tolist())
    agreed = len(says) == 1 and scores[best] > caution.sure

    def answer(index: int, said: Verdict) -> Answer:
        chosen = look.candidates[index]
        framed = Framed(chosen.frame, first is None or first.framed.inverted)
        return Answer(framed, readings.rows()[index], said, chosen.ignored)

    if first is None:
        return answer(best, Verdict.DIGIT) if agreed else None
    unsure = first._replace(verdict=Verdict.UNSURE)
    if look.cut <= caution.cut:
        if first.verdict is Verdict.DIGIT and not any(one.ignored for one in look.candidates):
            return None
        if tight and not any(one.lines_removed for one in look.candidates):
            # Nothing says that any ink is another's: it can confirm the first look, not correct it.
            confirming = _confirming(look, digits, scores, first.digit)
            return None if confirming is None else answer(confirming, Verdict.DIGIT)
        if _score(first) >= caution.likely:
            if not says:
                return None
            same = agreed and digits[best] == first.digit
            return answer(best, Verdict.DIGIT) if same else unsure
    if agreed:
        return answer(best, Verdict.DIGIT)
    if says:
        return answer(best, Verdict.UNSURE)
    return unsure if first.verdict is Verdict.DIGIT else None


def _score(answer: Answer) -> float:
    assert answer.reading.is_digit is not None
    return float(answer.reading.is_digit[0] * answer.reading.probabilities[0].max())


def _confirming(look: SecondLook, digits: Array, scores: Array, digit: int) -> int | None:
    """Return which candidate confirms that a picture shows a digit; None if none does.

    digits, scores: of each candidate, (N,).
    """
    same = digits == digit
    strong = np.array([one.strong_only for one in look.candidates])
    best = int((scores * same).argmax())
    against = scores[~same & ~strong].max(initial=0)
    return best if same[best] and scores[best] > USUAL.sure and against < AGAINST else None
