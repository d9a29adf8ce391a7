"""All kinds of drawings that are not one digit, by families, and how often each is drawn.

Letters of many scripts, symbols, doodles, several digits, scribbles and pictures that no pen drew
are framed as a user's drawing is. About a quarter of the kinds are held out of training. What a
person could read as a digit in some hand, an O or a letter S, is in neither part: it is a
look-alike, counted apart.
"""

from collections.abc import Sequence
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from model.drawn.generator import Purpose, Subject
from model.drawn.non_digits import clutter, digit_scraps, glyphs, scribbles, writing
from model.drawn.non_digits.doodles import DRAWINGS
from model.drawn.non_digits.glyphs import Glyph
from model.drawn.non_digits.kinds import Kind
from model.drawn.non_digits.letters import SCRIPTS
from model.errors import EmptyDrawing
from model.frame.paper import Grey
from model.frame.pixels import to_pixels
from model.frame.preprocess import frame_drawing
from model.samples import NON_DIGIT_LABEL

_PIXELS = np.arange(28.0)

# How often a family is drawn, in per cent. Letters and symbols written by hand are what people try
# first, so they are nearly half.
FAMILIES: dict[str, float] = {
    # letters and symbols
    "latin": 12,
    "greek": 3,
    "cyrillic": 3.5,
    "hebrew": 2,
    "arabic": 2.5,
    "devanagari": 2,
    "thai": 1,
    "kana": 4,
    "han": 3,
    "hangul": 2,
    "invented": 3,
    "symbol": 8,
    # shapes and doodles
    "shape": 6,
    "doodle": 9,
    # made of digits
    "several digits": 10,
    "digit spoilt": 5,
    # scribbles
    "scribble": 10,
    # the rest
    "writing": 4,
    "specks": 2,
    "texture": 3,
    "shadow": 2.5,
    "blob": 2.5,
}


def _picture_of(glyph: Glyph, rng: np.random.Generator) -> Grey:
    return glyphs.draw(glyphs.write(glyph, rng), rng)


@cache
def kinds(purpose: Purpose) -> tuple[Kind, ...]:
    """Return all kinds of drawings for a purpose."""
    written = [
        Kind(family, glyph.name, glyph.purpose, partial(_picture_of, glyph))
        for family, table in (SCRIPTS | DRAWINGS).items()
        for glyph in glyphs.parse(table)
    ]
    every = [*written, *scribbles.KINDS, *digit_scraps.KINDS, *clutter.KINDS, *writing.KINDS]
    return tuple(kind for kind in every if kind.purpose is purpose)


@cache
def non_digits(purpose: Purpose) -> Sequence[Subject]:
    """Return the kinds for a purpose; within a family they are equally likely.

    Their names are "family/kind".
    """
    choice = kinds(purpose)
    families = [kind.family for kind in choice]
    weights = np.array([FAMILIES[family] / families.count(family) for family in families])
    return [
        Subject(f"{kind.family}/{kind.name}", NON_DIGIT_LABEL, share, partial(frame, kind))
        for kind, share in zip(choice, (weights / weights.sum()).tolist(), strict=True)
    ]


def frame(kind: Kind, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw and frame one drawing of a kind: uint8 (28, 28), 0 paper to 255 ink.

    What comes out empty, as an even shadow does, is drawn again, and so is what comes out as a bar,
    since that is a 1 after all.
    """
    while True:
        try:
            drawn = frame_drawing(kind.draw(rng)).frame
        except EmptyDrawing:
            continue
        if kind.purpose is Purpose.LOOKALIKE or not is_bar(drawn[:, :, 0] + 0.5):
            return to_pixels(drawn)


def is_bar(ink: NDArray[np.floating]) -> bool:
    """Tell whether ink (28, 28), 0 to 1, is one narrow bar that stands or slants.

    Its principal axes tell: the shorter one is less than a fifth of the longer one, and the longer
    one is nearer to upright than to level.
    """
    total = ink.sum()
    y, x = (ink.sum(axis=axis) @ np.stack([_PIXELS, _PIXELS**2], axis=1) / total for axis in (1, 0))
    across, down = x[1] - x[0] ** 2, y[1] - y[0] ** 2
    both = _PIXELS @ ink @ _PIXELS / total - x[0] * y[0]
    half_sum, half_difference = (across + down) / 2, (down - across) / 2
    root = np.hypot(half_difference, both)
    return bool(half_difference > 0 and half_sum - root < (half_sum + root) / 25)
