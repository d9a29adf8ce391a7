"""Drawings that are not one digit, made from code, for a network that has to say so.

Letters of many scripts, symbols, doodles, several digits, scribbles and pictures that no pen drew
are brought through the same `frame_drawing` as a user's drawing. About a quarter of the kinds are
kept for validation. What a person could read as a digit in some hand, an O or a letter S, is in
neither: `generate_lookalikes` draws it, to be counted apart.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.drawn.non_digits import clutter, digit_scraps, glyphs, scribbles, writing
from model.drawn.non_digits.doodles import DRAWINGS
from model.drawn.non_digits.glyphs import Glyph
from model.drawn.non_digits.kinds import Kind, Picture, Purpose
from model.drawn.non_digits.letters import SCRIPTS
from model.drawn.parallel import drawn_in_chunks
from model.frame.preprocess import EmptyDrawing, frame_drawing

_PIXELS = np.arange(28.0)

# How often a family is drawn, per cent. Letters and symbols written by hand are what people try
# first, so they are nearly half; the kinds within a family are equally likely.
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


class NonDigits(NamedTuple):
    """Drawings that are not one digit.

    frames: uint8 (N, 28, 28), ink 255, paper 0.
    kinds: str (N,), "family/name".
    """

    frames: NDArray[np.uint8]
    kinds: NDArray[np.str_]


# ---- the kinds ---------------------------------------------------------------------------------


def _picture_of(glyph: Glyph, rng: np.random.Generator) -> Picture:
    return glyphs.draw(glyphs.write(glyph, rng), rng)


@cache
def kinds(purpose: Purpose) -> tuple[Kind, ...]:
    """All kinds of drawings for a purpose."""
    written = [
        Kind(family, glyph.name, glyph.purpose, partial(_picture_of, glyph))
        for family, table in (SCRIPTS | DRAWINGS).items()
        for glyph in glyphs.parse(table)
    ]
    every = [*written, *scribbles.KINDS, *digit_scraps.KINDS, *clutter.KINDS, *writing.KINDS]
    return tuple(kind for kind in every if kind.purpose is purpose)


# ---- generating --------------------------------------------------------------------------------


def generate(
    count: int,
    seed: int,
    *,
    held_out: bool = False,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> NonDigits:
    """Draw `count` pictures that are not one digit, of families as common as `FAMILIES` says.

    With `held_out`, only of the kinds that are never drawn without it. The result depends on
    `count`, `seed` (0 or more) and `held_out` alone, not on the number of `processes` (all cores
    by default). `progress` is called with the number done and `count`.
    """
    purpose = Purpose.HELD_OUT if held_out else Purpose.TRAINING
    return _generate(count, seed, purpose, processes, progress)


def generate_lookalikes(
    count: int,
    seed: int,
    *,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> NonDigits:
    """Draw `count` letters and symbols that a person could read as a digit, as `generate` does."""
    return _generate(count, seed, Purpose.LOOKALIKE, processes, progress)


def _generate(
    count: int,
    seed: int,
    purpose: Purpose,
    processes: int | None,
    progress: Callable[[int, int], None] | None,
) -> NonDigits:
    entropy = [seed, list(Purpose).index(purpose)]
    return NonDigits(*drawn_in_chunks(_chunk, count, entropy, purpose, processes, progress))


def _chunk(size: int, seed: np.random.SeedSequence, purpose: Purpose) -> NonDigits:
    rng = np.random.default_rng(seed)
    choice = kinds(purpose)
    families = [kind.family for kind in choice]
    weights = np.array([FAMILIES[family] / families.count(family) for family in families])
    chosen = [choice[i] for i in rng.choice(len(choice), size, p=weights / weights.sum())]
    frames = np.array([frame(kind, rng) for kind in chosen], np.uint8).reshape(-1, 28, 28)
    names = [f"{kind.family}/{kind.name}" for kind in chosen]
    return NonDigits(frames, np.array(names, np.str_))


def frame(kind: Kind, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A drawing of this kind as the pools store it: uint8 (28, 28), ink 255.

    Draws again what came out empty, as an even shadow does, and what came out as a bar, since that
    is a 1 after all.
    """
    while True:
        try:
            values = frame_drawing(kind.draw(rng)).frame[:, :, 0] + 0.5
        except EmptyDrawing:
            continue
        if kind.purpose is Purpose.LOOKALIKE or not is_bar(values):
            return np.asarray(np.rint(values * 255), dtype=np.uint8)


def is_bar(ink: NDArray[np.floating]) -> bool:
    """Whether the ink (28, 28), 0 to 1, is one narrow upright or slanted bar.

    Its principal axes tell: the shorter one is less than a fifth of the longer, and that one is
    nearer to upright than to level.
    """
    total = ink.sum()
    y, x = (ink.sum(axis=axis) @ np.stack([_PIXELS, _PIXELS**2], axis=1) / total for axis in (1, 0))
    across, down = x[1] - x[0] ** 2, y[1] - y[0] ** 2
    both = _PIXELS @ ink @ _PIXELS / total - x[0] * y[0]
    half_sum, half_difference = (across + down) / 2, (down - across) / 2
    root = np.hypot(half_difference, both)
    return bool(half_difference > 0 and half_sum - root < (half_sum + root) / 25)


def contact_sheet(
    *,
    purpose: Purpose = Purpose.TRAINING,
    families: Sequence[str] | None = None,
    columns: int = 3,
    samples: int = 8,
    seed: int = 0,
    as_frames: bool = True,
) -> Image.Image:
    """A picture to look at: `samples` drawings of every kind, `columns` kinds side by side.

    `as_frames` shows what the network reads, enlarged twice; otherwise the drawings as drawn.
    """
    side, label = 58, 110
    shown = [k for k in kinds(purpose) if families is None or k.family in families]
    width, rows = label + samples * side, -(-len(shown) // columns)
    sheet = Image.new("L", (columns * width, rows * side), 255)
    pen = ImageDraw.Draw(sheet)
    for index, kind in enumerate(shown):
        rng = np.random.default_rng([seed, index])
        left, top = index % columns * width, index // columns * side
        pen.text((left + 2, top + 10), f"{kind.family}\n{kind.name}", fill=0)
        for sample in range(samples):
            picture = 255 - frame(kind, rng) if as_frames else kind.draw(rng)
            tile = Image.fromarray(picture).resize((side - 2, side - 2), Image.Resampling.BOX)
            sheet.paste(tile, (left + label + sample * side, top))
    return sheet
