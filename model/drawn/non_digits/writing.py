"""Several letters at once: words, initials, lines of writing."""

from functools import cache

import numpy as np

from model.drawn.generator import Purpose
from model.drawn.non_digits import digit_scraps
from model.drawn.non_digits.glyphs import Glyph, draw, parse, vary, write
from model.drawn.non_digits.kinds import Kind, drawn
from model.drawn.non_digits.letters import SCRIPTS
from model.drawn.strokes import Stroke, extent, resample
from model.frame.paper import Grey

KINDS: list[Kind] = []


@cache
def _alphabet(script: str) -> tuple[Glyph, ...]:
    """Return the letters that training may see, look-alikes too: in a word they are no digits."""
    return tuple(glyph for glyph in parse(SCRIPTS[script]) if glyph.purpose != Purpose.HELD_OUT)


def _word(script: str, length: int, rng: np.random.Generator) -> list[Stroke]:
    """Return the strokes of letters in a row, from x = 0 to the right, `glyphs.GRID` high."""
    alphabet = _alphabet(script)
    row: list[Stroke] = []
    right = 0.0
    for index in rng.integers(len(alphabet), size=length):
        strokes = [resample(stroke, 0.8) for stroke in write(alphabet[index], rng)]
        low, high = extent(strokes)
        place = np.array([right - low[0], rng.normal(0, 0.4)])
        row += [stroke + place for stroke in strokes]
        right += float((high - low)[0]) + rng.uniform(0.9, 2.4)
    return row


@drawn(KINDS, "writing")
def word(rng: np.random.Generator) -> Grey:
    """Three to seven letters of one script."""
    script = str(rng.choice(list(SCRIPTS)))
    return draw(vary(_word(script, int(rng.integers(3, 8)), rng), rng), rng)


@drawn(KINDS, "writing")
def two_letters(rng: np.random.Generator) -> Grey:
    """Initials."""
    return draw(vary(_word("latin", 2, rng), rng), rng)


@drawn(KINDS, "writing")
def letter_and_digit(rng: np.random.Generator) -> Grey:
    """A letter and a digit beside each other, as in 3a or B2."""
    pair = [_word("latin", 1, rng), digit_scraps.digit(int(rng.integers(0, 10)), rng)]
    return digit_scraps.row(pair if rng.random() < 0.5 else pair[::-1], (1.5, 3.0), rng)


@drawn(KINDS, "writing", held_out=True)
def lines_of_writing(rng: np.random.Generator) -> Grey:
    """Two or three lines of a few letters."""
    lines: list[Stroke] = []
    for line in range(rng.integers(2, 4)):
        place = np.array([0, 13.0 * line])
        lines += [stroke + place for stroke in _word("latin", int(rng.integers(3, 6)), rng)]
    return draw(vary(lines, rng), rng)
