"""A drawing that is not plainly a digit is looked at again, with other ink left out.

The first look takes all ink for the digit's. Where what comes out is no digit, or where ink reaches
the border of the picture, `frame.clutter` takes the picture apart in several ways. All frames are
read, and only if those that look like a digit agree is it called one: what can be read two ways is
"unsure".
"""

from typing import NamedTuple

import numpy as np

from model.frame.clutter import look_again
from model.frame.parts import Box
from model.frame.preprocess import EmptyDrawing, Framed, frame_drawing
from model.frame.strength import Grey
from model.recognizer import Reading, Recognizer, verdict

LIKELY = 0.8
"""is_digit times confidence from which on a frame has a say."""
SURE = 0.85
"""is_digit times confidence that one of them must reach."""


class Second(NamedTuple):
    """What a second look says of a drawing.

    framed: the frame that was read. reading: its reading, N = 1.
    is_sure: whether the drawing is a digit; otherwise it is "unsure" at best.
    ignored: boxes of ink that was not taken for the digit's, in pixels of the picture.
    """

    framed: Framed
    reading: Reading
    is_sure: bool
    ignored: list[Box]


class Answer(NamedTuple):
    """What was read in a drawing.

    framed: the frame that was read. reading: its reading, N = 1.
    verdict: "digit", "unsure" or "not a digit".
    ignored: boxes of ink that was not taken for the digit's, in pixels of the picture.
    """

    framed: Framed
    reading: Reading
    verdict: str
    ignored: list[Box]

    @property
    def digit(self) -> int:
        """The digit with the largest probability."""
        return int(self.reading.probabilities[0].argmax())


def read_drawing(recognizer: Recognizer, grey: Grey) -> Answer:
    """Read a drawing, uint8 (H, W), 0 black to 255 white, of either polarity; twice if need be.

    Raises EmptyDrawing when there is no ink in it.
    """
    framed, reading, said = None, None, "unsure"
    try:
        framed = frame_drawing(grey)
    except EmptyDrawing:
        second = read_again(recognizer, grey, None, None)
        if second is None or not second.is_sure:
            raise
    else:
        reading = recognizer.read(framed.frame[np.newaxis])
        is_digit = None if reading.is_digit is None else float(reading.is_digit[0])
        said = verdict(float(reading.probabilities.max()), is_digit)
        if is_digit is None or not worth_it(framed, is_digit=said == "digit"):
            return Answer(framed, reading, said, [])
        second = read_again(recognizer, grey, framed, reading)
        if second is None:
            return Answer(framed, reading, said, [])
    said = "digit" if second.is_sure else "unsure"
    return Answer(second.framed, second.reading, said, second.ignored)


def worth_it(framed: Framed, *, is_digit: bool) -> bool:
    """Say whether a drawing should be looked at again, given whether it was called a digit."""
    return not is_digit or (framed.at_border and not framed.tight)


def read_again(
    recognizer: Recognizer, grey: Grey, framed: Framed | None, reading: Reading | None
) -> Second | None:
    """Look again at a picture, uint8 (H, W), whose first look gave ``framed`` and ``reading``.

    Both are None for a picture that seemed empty. Returns None where the first look stands.
    """
    tight = framed is not None and framed.tight
    look = look_again(grey, tight=tight)
    if look is None:
        return None
    candidates = look.candidates
    readings = recognizer.read(np.stack([candidate.frame for candidate in candidates]))
    assert readings.is_digit is not None  # a network that cannot tell never looks again
    digits = readings.probabilities.argmax(axis=1)
    scores = readings.is_digit * readings.probabilities.max(axis=1)
    scores[[candidate.doubtful for candidate in candidates]] = 0
    removed = any(candidate.lines_removed for candidate in candidates)

    def chosen(index: int, *, is_sure: bool) -> Second:
        frame = Framed(candidates[index].frame, framed is None or framed.inverted)
        return Second(frame, readings.rows()[index], is_sure, candidates[index].ignored)

    if reading is not None and tight and not removed and not look.border_cut:
        # Nothing says that any ink is another's: it may confirm the first look, not correct it.
        same = digits == int(reading.probabilities[0].argmax())
        strong = np.array([candidate.strong_only for candidate in candidates])
        against = scores[~same & ~strong].max(initial=0)
        best = int((scores * same).argmax())
        if same[best] and scores[best] > SURE and against < 0.5:
            return chosen(best, is_sure=True)
        return None
    # Where lines were removed, a frame that still has them says nothing.
    heard = np.array([bool(c.lines_removed) or not removed for c in candidates])
    heard_scores = scores * heard
    says = set(digits[heard_scores > LIKELY].tolist())
    # Nor does the first look, where anything was left out since.
    whole = not any(candidate.ignored for candidate in candidates)
    if reading is not None and whole and _is_sure(reading):
        says.add(int(reading.probabilities[0].argmax()))
    best = int(heard_scores.argmax())
    if len(says) == 1 and heard_scores[best] > SURE:
        return chosen(best, is_sure=True)
    if not says and not _is_sure(reading):
        return None
    return chosen(best, is_sure=False)


def _is_sure(reading: Reading | None) -> bool:
    if reading is None or reading.is_digit is None:
        return False
    return float(reading.is_digit[0] * reading.probabilities[0].max()) > LIKELY
