"""What the service holds to read numbers: a trained network, and what turns columns into digits."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from model.frame.numbers.pieces import (
    Span,
    box_of,
    cuts,
    frame_or_none,
    left_out,
    piece_frame,
    stands_apart,
    tall_spans,
)
from model.frame.numbers.strip import Strip, frame_strip, shrunk, with_room
from model.frame.paper import Grey
from model.frame.parts import Box
from model.nn.base import Array
from model.nn.ctc import text_log_probabilities
from model.nn.ctc_decoding import Text, best_of_length, likeliest_texts, places
from model.nn.fast.predictor import Predictor
from model.nn.losses import log_odds_of, log_softmax, sigmoid
from model.nn.network import Network
from model.recognizer import DIGITS, Recognizer

Texts = list[tuple[Text, float]]
"""Numbers, likeliest first, with the logarithms of their probabilities."""
LONGEST = 20
"""The most digits that are read in one number."""
COLUMN = 4
"""Pixels of a strip that one column of the network's output stands for."""
_ENOUGH = 128  # pixels, longest side of a picture with one digit, of which a strip has 28 rows
_LONE = 120  # pixels, the widest strip that may hold one digit alone
_ALTERNATIVES = 5
# Of a network's own probability of its number: from here on no further network is asked.
# A canvas is read no better with more; on paper the first network alone is too sure of mistakes.
_SURE, _SURE_OF_A_CANVAS = 0.98, 0.96
_SMALLER, _SMALLER_COUNTS = 0.8, 0.4  # of its size: how a strip is read again, and what it counts
_MISSING = 1.0  # below the least likely number of one reading is what only the other names
_CANDIDATES = 6  # numbers on which a second opinion is asked
# How much the digits' network counts beside the strip's: of which digit it is, of whether it is
# one at all, and what a piece of the strip that does not stand apart costs instead of both. All
# of that is against numbers of many digits, for which every digit is given something.
_WEIGHT, _WEIGHT_OF_BEING_ONE, _OF_A_CUT, _OF_A_DIGIT = 0.35, 0.2, -0.3, 0.6
# What it costs a number to say nothing of a piece of ink that is as tall as a digit: writing that
# the network has not learned is a digit all the same if it stands among digits.
_OF_LEFT_OUT = -5.0


class Alternative(NamedTuple):
    """A number that may have been meant, and the probability that it was."""

    number: str
    probability: float


class ReadDigit(NamedTuple):
    """One digit of a number.

    probabilities: float64 (10,), of the digits 0 to 9 at this place; they sum to 1.
    box: around its ink, in pixels of the picture.
    """

    digit: int
    confidence: float
    probabilities: Array
    box: Box


class NumberReading(NamedTuple):
    """What was read in a picture.

    number: 1 to 20 digits. confidence: the calibrated probability that all of it is right.
    verdict: "number", "unsure" or "not a number". alternatives: likeliest first, the number itself
    among them. ignored: boxes around ink that belongs to no digit. inverted: whether dark ink on
    light paper was inverted.
    """

    number: str
    confidence: float
    verdict: str
    digits: list[ReadDigit]
    alternatives: list[Alternative]
    ignored: list[Box]
    inverted: bool


NUMBER_ABOVE = 0.95
"""`NumberReader.read`: from this confidence on, what was read is called a number."""
NOT_A_NUMBER_BELOW = 0.3
"""`NumberReader.read`: below this confidence, what was read is called none."""
LONE_IS_DIGIT = 0.5
"""`NumberReader.read`: a number of one digit is called one if the digits' network gives it this."""
LENGTH_FITS = 0.01
"""`NumberReader.read`: if all numbers of a given length together are less probable than this among
the numbers of any length, what was read is not called a number."""


@dataclass(frozen=True)
class NumberReader:
    """A network that reads numbers, ready to use. Threads may share it.

    Attributes:
        network: strips (N, 36, W, 1) -> (N, 1, W / 4, 11), the last output the blank.
        digits: reads single digits again where the strip leaves a doubt; None for no second look.
        temperature: what logits are divided by before the softmax.
        scale, offset: confidence is sigmoid(scale * log-odds of the likeliest number + offset).
        about: what the weights file says of itself, JSON-able.
        digest: SHA-256 of the weights file, hexadecimal; empty before it is saved.
        behind: networks of the same layers, that are asked too where the first leaves a doubt.
    """

    network: Network
    digits: Recognizer | None
    temperature: float = 1.0
    scale: float = 1.0
    offset: float = 0.0
    about: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    behind: tuple[Network, ...] = ()
    _prepared: dict[tuple[int, int], Predictor] = field(
        default_factory=dict, init=False, repr=False
    )
    _building: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def read(self, grey: Grey, length: int | None = None) -> NumberReading:
        """Read the number in a picture, uint8 (H, W), 0 black to 255 white, of either polarity.

        Args:
            grey: the picture, upright.
            length: how many digits the number has, 1 to 20, if that is known.

        Raises:
            ValueError: for anything but a uint8 picture, or a length out of range.
            EmptyDrawing: if there is no ink in the picture.
        """
        if length is not None and not 1 <= length <= LONGEST:
            raise ValueError(f"a number has 1 to {LONGEST} digits, not {length}")
        strip = frame_strip(grey)
        if length is not None:  # a column for each digit, and for each blank between equal ones
            strip = with_room(strip, 2 * length * COLUMN)
        log_p = self.log_probabilities(strip.ink)
        texts = self.candidates(strip, log_p, length, grey)
        number, log_number = texts[0]
        confidence = self.calibrated(log_number)
        found = _pixels(places(log_p, number))
        others = left_out(tall_spans(strip), found)
        pieces = cuts(strip.ink, found, others)
        digits = _read_digits(strip, log_p, number, found, pieces, grey)
        nothing = float(log_p[:, -1].sum()) if length is None else -math.inf
        is_one = strip.lines == 1 and not others
        is_one = is_one and (length is None or _share_of(length, log_p) >= LENGTH_FITS)
        if is_one and confidence >= NUMBER_ABOVE and len(number) == 1:
            is_one = self._is_digit(grey, piece_frame(strip.ink, pieces[0]))
        return NumberReading(
            number="".join(map(str, number)),
            confidence=confidence,
            verdict=_verdict(confidence, nothing, log_number, is_one),
            digits=digits,
            alternatives=_alternatives(texts, confidence),
            ignored=[part for part in strip.parts if not _belongs(part, digits)],
            inverted=strip.inverted,
        )

    def lone_digit(self, grey: Grey) -> Array:
        """Return the probability of each digit that a picture holds it and no other, float64 (10,).

        Where the network leaves a doubt it is the mean of all networks.

        grey: the picture, uint8 (H, W), as `read` takes it. Raises EmptyDrawing as that does.
        """
        factor = math.ceil(max(grey.shape, default=0) / _ENOUGH)
        strip = frame_strip(
            np.asarray(Image.fromarray(grey).reduce(factor)) if factor > 1 else grey
        )
        if strip.lines != 1 or strip.ink.shape[1] > _LONE:
            return np.zeros(DIGITS)
        lone = np.arange(DIGITS)[:, np.newaxis]

        def said(which: int) -> Array:
            return np.exp(text_log_probabilities(self.log_probabilities(strip.ink, which), lone))

        first = said(0)
        return first if first.sum() >= _SURE else np.mean([first, *map(said, self._behind)], axis=0)

    def _is_digit(self, grey: Grey, piece: Array | None) -> bool:
        """Say whether the digits' network has nothing against a lone digit's picture or frame."""
        frames = [frame for frame in (frame_or_none(grey), piece) if frame is not None]
        if self.digits is None or not frames:
            return True
        is_digit = self.digits.read(np.stack(frames)).is_digit
        return is_digit is None or float(is_digit.max()) >= LONE_IS_DIGIT

    def log_probabilities(self, ink: Array, which: int = 0) -> Array:
        """Return the logarithms of the probabilities of each column, float64 (T, 11).

        which: network reads: 0 for the first, 1 and so on for those in `behind`.
        """
        x = ink[np.newaxis, :, :, np.newaxis] * np.float32(1 / 255) - np.float32(0.5)
        logits = self._predictor(which, ink.shape[1])(x).reshape(-1, DIGITS + 1)
        return log_softmax(logits.astype(np.float64) / self.temperature)

    def _predictor(self, which: int, width: int) -> Predictor:
        predictor = self._prepared.get((which, width))
        if predictor is None:
            with self._building:
                network = (self.network, *self.behind)[which]
                height, own, channels = network.input_shape
                first = self._prepared.get((which, own)) or Predictor(network)
                self._prepared[which, own] = first
                predictor = first if width == own else first.for_shape((height, width, channels))
                self._prepared[which, width] = predictor
        return predictor

    @property
    def _behind(self) -> range:
        """What `log_probabilities` calls the networks behind the first."""
        return range(1, 1 + len(self.behind))

    def calibrated(self, log_number: float) -> float:
        """Return the probability that the number is right, of the network's own for it."""
        return float(sigmoid(np.array(self.scale * log_odds_of(log_number) + self.offset)))

    def candidates(
        self, strip: Strip, log_p: Array, length: int | None = None, grey: Grey | None = None
    ) -> Texts:
        """Return the likeliest numbers with the logarithms of their probabilities.

        There is at least one. If the length is given, their probabilities are those among the
        numbers of that length. ``grey`` is the picture that the strip was made of, for a better
        look at a lone digit.
        """
        texts, tall = _likeliest(log_p, length), tall_spans(strip)
        silent = _is_silent(tall, log_p)
        unsure = silent or not _is_sure(texts, _SURE if strip.seen else _SURE_OF_A_CANVAS)
        if unsure:
            readings = [(1.0, texts)]
            for which in self._behind:
                said = _likeliest(self.log_probabilities(strip.ink, which), length)
                readings.append((1.0, said))
                agreed = not silent and len({one[0][0] for _, one in readings}) == 1
                if agreed and (_is_sure(said, _SURE) or which == self._behind[-1]):
                    unsure = False
                    break
            if unsure:
                smaller = shrunk(strip.ink, _SMALLER)
                for which in (0, *self._behind):
                    said = _likeliest(self.log_probabilities(smaller, which), length)
                    readings.append((_SMALLER_COUNTS, said))
            texts = _together(readings)
        if length is not None:
            total = float(np.logaddexp.reduce([p for _, p in texts]))
            texts = [(text, p - total) for text, p in texts]
        if unsure or len(texts[0][0]) == 1:
            texts = self._second_opinion(grey, strip, tall, log_p, texts)
        return texts

    def _second_opinion(
        self, grey: Grey | None, strip: Strip, tall: list[Span], log_p: Array, texts: Texts
    ) -> Texts:
        """Compare the likeliest numbers by the pieces that each of them divides the strip into.

        The digits' network judges the pieces that stand apart from the others, if there is one. A
        number's logarithm changes by what it says of those, a little by each cut through ink, and
        much by ink of which the number says nothing; then all are scaled to have together what they
        had before.
        """
        asked = texts[:_CANDIDATES]
        found = [_pixels(places(log_p, text)) for text, _ in asked]
        others = [left_out(tall, pixels) for pixels in found]
        divided = [cuts(strip.ink, pixels, out) for pixels, out in zip(found, others, strict=True)]
        votes = {} if self.digits is None else self._votes(self.digits, grey, strip, divided)
        gained = []
        for (text, p), spans, out in zip(asked, divided, others, strict=True):
            gain = _OF_LEFT_OUT * len(out)
            if votes:
                gain += _OF_A_DIGIT * len(text) + sum(
                    votes[span][digit] if span in votes else _OF_A_CUT
                    for span, digit in zip(spans, text, strict=True)
                )
            gained.append((text, p + gain))
        before = np.logaddexp.reduce([p for _, p in asked])
        after = np.logaddexp.reduce([p for _, p in gained])
        agreed = [(text, float(p + before - after)) for text, p in gained] + texts[_CANDIDATES:]
        return sorted(agreed, key=lambda item: -item[1])

    @staticmethod
    def _votes(
        digits: Recognizer, grey: Grey | None, strip: Strip, divided: list[list[Span]]
    ) -> dict[Span, list[float]]:
        """Return what the digits' network has for each digit at the pieces that stand apart."""
        apart = {span for span in chain(*divided) if stands_apart(strip.ink, span)}
        frames = {span: piece_frame(strip.ink, span) for span in apart}
        if grey is not None and len(divided[0]) == 1:  # a lone digit, of which there is more to see
            frames[divided[0][0]] = frame_or_none(grey)
        seen = {span: frame for span, frame in frames.items() if frame is not None}
        if not seen:
            return {}
        reading = digits.read(np.stack(list(seen.values())))
        says = _WEIGHT * np.log(reading.probabilities + 1e-5)
        if reading.is_digit is not None:
            says += _WEIGHT_OF_BEING_ONE * np.log(reading.is_digit + 1e-5)[:, np.newaxis]
        return dict(zip(seen, says.tolist(), strict=True))


def _read_digits(
    strip: Strip, log_p: Array, number: Text, found: list[Span], pieces: list[Span], grey: Grey
) -> list[ReadDigit]:
    digits = []
    for digit, (first, end), piece in zip(number, found, pieces, strict=True):
        # What the columns of this sign say, the blank left out.
        shares = np.exp(log_p[first // COLUMN : end // COLUMN, :DIGITS]).sum(axis=0) + 1e-9
        probabilities = shares / shares.sum()
        box = box_of(strip, piece, grey.shape)
        digits.append(ReadDigit(digit, float(probabilities[digit]), probabilities, box))
    return digits


def _likeliest(log_p: Array, length: int | None) -> Texts:
    """Return the likeliest numbers, at least one, with the logarithms of their probabilities.

    log_p: of each column, float64 (T, 11). length: how many digits there are; None if not known.
    """
    texts = likeliest_texts(log_p, beam=10 if length is None else 30, length=length)
    texts = [(text, p) for text, p in texts if 0 < len(text) <= LONGEST]
    if not texts:
        text = best_of_length(log_p, length or 1)
        texts = [(text, float(text_log_probabilities(log_p, np.array([text]))[0]))]
    return texts


def _is_sure(texts: Texts, least: float) -> bool:
    return texts[0][1] >= math.log(least)


def _together(readings: Sequence[tuple[float, Texts]]) -> Texts:
    """Return the numbers of all readings, each with its weight, and the means of their logs.

    To a reading that does not name a number it is `_MISSING` less likely than the last one named.
    """
    total = sum(weight for weight, _ in readings)
    means = {text: 0.0 for _, texts in readings for text, _ in texts}
    for weight, texts in readings:
        said, other = dict(texts), min(p for _, p in texts) - _MISSING
        for text in means:
            means[text] += weight / total * said.get(text, other)
    return sorted(means.items(), key=lambda item: -item[1])


def _alternatives(texts: Texts, confidence: float) -> list[Alternative]:
    """Return the likeliest numbers; the first has the confidence, the others share what is left."""
    shares = np.exp([log_text for _, log_text in texts])
    rest = max(1 - float(shares[0]), 1e-12)
    probabilities = [confidence, *(shares[1:] / rest * (1 - confidence)).tolist()]
    return [
        Alternative("".join(map(str, text)), probability)
        for (text, _), probability in zip(texts[:_ALTERNATIVES], probabilities, strict=False)
    ]


def _pixels(found: Sequence[tuple[int, int]]) -> list[Span]:
    """Return columns of the network's output, first and last, as spans of the strip."""
    return [(COLUMN * first, COLUMN * (last + 1)) for first, last in found]


def _is_silent(tall: list[Span], log_p: Array) -> bool:
    """Say whether no column speaks of a digit at some ink that is as tall as one."""
    spoke = np.flatnonzero(log_p[:, -1] < math.log(0.5)).tolist()
    return bool(left_out(tall, _pixels([(column, column) for column in spoke])))


def _belongs(part: Box, digits: Sequence[ReadDigit]) -> bool:
    """Say whether a part of the ink is in a digit's box, by more than a third."""
    area = max(part.width * part.height, 1)
    for digit in digits:
        box = digit.box
        wide = min(part.right, box.right) - max(part.left, box.left)
        high = min(part.bottom, box.bottom) - max(part.top, box.top)
        if wide > 0 and high > 0 and wide * high > area / 3:
            return True
    return False


def _verdict(confidence: float, log_nothing: float, log_number: float, is_one: bool) -> str:
    if log_nothing > log_number or confidence < NOT_A_NUMBER_BELOW:
        return "not a number"
    return "number" if confidence >= NUMBER_ABOVE and is_one else "unsure"


def _share_of(length: int, log_p: Array) -> float:
    """Return how probable it is that the number has so many digits."""
    return sum(math.exp(p) for text, p in _likeliest(log_p, None) if len(text) == length)
