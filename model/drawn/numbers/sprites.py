"""Single signs ready to be put into rows: digits in the hand of one writer, and what is no digit.

A sprite is uint8 ink (H, W), 255 full ink, cut to its ink, about `HEIGHT` pixels high as it stands
in a line of writing. Sprites of one writer belong together: one slant, one pen, one size.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.drawn.digits.styles import HELD_OUT, IN_NUMBERS, TRAINING, Hand, Style
from model.drawn.digits.writer import STEP, by_a_hand
from model.drawn.generator import CHUNK, Purpose
from model.drawn.non_digits.families import is_bar, kinds
from model.drawn.non_digits.kinds import Kind
from model.drawn.numbers.bending import bent, cut
from model.drawn.strokes import Stroke, affine, extent, render, resample
from model.frame.pen_width import pen_width
from model.frame.preprocess import frame_as_pixels
from model.parallel import in_processes

HEIGHT = 32  # pixels of a digit of usual size
BOX = (44, 60)  # pixels, rows and columns that no sprite exceeds
OF_A_WRITER = 20  # digits: two of each, often in different styles
LOW_ZEROS = 0.5  # of the writers: their zeros are lower than their other digits, and round
# What the weights of the styles of `IN_NUMBERS` are multiplied by.
_IN_HASTE, _WITH_CARE = 4.0, 0.5
NOT_A_DIGIT = -1

# A row of these is a number, or partly one, or fills all of its picture.
_LEFT_OUT = {"several digits", "shadow"}
_PARTLY_NUMBERS = {"letter-and-digit"}

Ink = NDArray[np.uint8]


class Sprites(NamedTuple):
    """A pool of sprites.

    ink: uint8 (N, *BOX), each in the upper left corner. sizes: int (N, 2), rows and columns.
    labels: int (N,), 0 to 9 or `NOT_A_DIGIT`. writers: int (W, k), the sprites of each writer.
    """

    ink: Ink
    sizes: NDArray[np.int64]
    labels: NDArray[np.int64]
    writers: NDArray[np.int64]

    def cut(self, index: int) -> Ink:
        """Return one sprite, as large as it is."""
        rows, columns = self.sizes[index]
        return self.ink[index, :rows, :columns]


def pen_sprites(
    writers: int,
    seed: int,
    *,
    held_out: bool = False,
    in_haste: bool = False,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sprites:
    """Draw the digits of so many writers, each bent in its own way.

    ``held_out``: in the styles that training never sees. ``in_haste``: mostly in those that are
    digits only among others, as clerks write them all day.
    """
    drawn = _drawn(
        partial(_writers_digits, in_numbers=_IN_HASTE if in_haste else _WITH_CARE),
        writers * OF_A_WRITER,
        [seed, int(held_out), int(in_haste)],
        held_out,
        processes,
        progress,
    )
    ink, sizes, labels = drawn
    return Sprites(ink, sizes, labels, np.arange(len(ink)).reshape(-1, OF_A_WRITER))


def _writers_digits(
    size: int, seed: np.random.SeedSequence, held_out: bool, *, in_numbers: float
) -> tuple[NDArray[Any], ...]:
    rng = np.random.default_rng(seed)
    chosen = HELD_OUT if held_out else TRAINING | IN_NUMBERS
    by_digit = [[style for style in chosen.values() if style.digit == digit] for digit in range(10)]
    by_weight = [
        np.array(
            [style.weight * (in_numbers if style.name in IN_NUMBERS else 1.0) for style in styles]
        )
        for styles in by_digit
    ]
    sprites: list[Ink] = []
    labels: list[int] = []
    while len(sprites) < size:
        writer = _Writer(rng)
        for digit in rng.permutation(np.arange(OF_A_WRITER) % 10):
            styles, weights = by_digit[digit], by_weight[digit]
            style = styles[rng.choice(len(styles), p=weights / weights.sum())]
            sprites.append(bent(writer.sprite(style, rng), rng))
            labels.append(int(digit))
    return (*_boxed(sprites[:size]), np.array(labels[:size], np.int64))


class _Writer:
    """One person's hand: what stays alike in all the digits of a number."""

    def __init__(self, rng: np.random.Generator) -> None:
        # In heights of a digit: fine tips to markers, mostly pens.
        self.pen = (
            rng.uniform(0.04, 0.17)
            if rng.random() < 0.8
            else float(np.exp(rng.uniform(-3.6, -1.4)))
        )
        self.slant = float(np.clip(rng.normal(0.1, 0.2), -0.35, 0.65))
        self.width = float(np.exp(np.clip(rng.normal(0.05, 0.18), -0.35, 0.45)))
        self.unevenness = rng.uniform(0.02, 0.12)
        self.zeros = _height_of_zeros(rng)
        self.roundness = rng.uniform(0.3, 1.2)  # of low zeros: at 1 they are as wide as high ones

    def sprite(self, style: Style, rng: np.random.Generator) -> Ink:
        wide = self.width * np.exp(style.leeway * np.clip(rng.normal(0, 0.12), -0.3, 0.3))
        if style.digit == 0:
            wide *= self.zeros**-self.roundness
        strokes = affine(style.draw(Hand(rng)), np.diag([wide, 1.0]))
        pen = min(self.pen, 1.3 * _widest(style, strokes))
        slant = style.leeway * float(np.clip(self.slant + rng.normal(0, 0.05), -0.35, 0.65))
        strokes = by_a_hand(strokes, slant, style.leeway, rng)
        spacing = max(STEP, 0.3 * pen)
        strokes = [resample(stroke, spacing) for stroke in strokes]
        low, high = extent(strokes)
        across, down = high - low
        size = float(np.exp(rng.normal(0, self.unevenness)))
        height = HEIGHT * min(max(size, 0.6), 1.2) * (self.zeros if style.digit == 0 else 1.0)
        # Wide digits are lower than narrow ones, as `down` is 1 unless a style is flat.
        longest = height * max(down, across) / max(down, across / 1.4, 1e-6)
        shift = rng.uniform(-0.5, 0.5, 2)
        picture = render(
            strokes,
            size=int(longest + 2 * pen * HEIGHT) + 4,
            height=longest,
            line_width=max(1.0, pen * HEIGHT),
            offset=(shift[0], shift[1]),
        )
        return cut(255 - picture)


def _height_of_zeros(rng: np.random.Generator) -> float:
    """Return how high a writer's zeros are, other digits being 1."""
    return float(rng.uniform(0.42, 0.9)) if rng.random() < LOW_ZEROS else 1.0


def _widest(style: Style, strokes: Sequence[Stroke]) -> float:
    """Return the widest pen, in heights, that leaves a digit of this style readable."""
    low, high = extent(strokes)
    across, down = high - low
    narrow = float(across / down) / style.loop_width if style.loop_width else 1.0
    return style.widest * min(1.0, narrow)


def frame_sprites(
    frames: Ink, labels: NDArray[np.integer[Any]], rng: np.random.Generator
) -> Sprites:
    """Return sprites of framed digits (N, 28, 28), as MNIST's are, enlarged, and bent.

    Nobody knows who wrote which. Those of about the same pen stand together as a writer's.
    """
    sprites, pens = [], []
    sizes = HEIGHT / 20 * np.exp(rng.normal(0, 0.07, len(frames)))
    for frame, label, size in zip(frames, labels, sizes, strict=True):
        inked = cut(frame)
        height = size * (_height_of_zeros(rng) if label == 0 else 1.0)
        rows, columns = (
            min(round(scale * side), most)
            for scale, side, most in zip((height, size), inked.shape, BOX, strict=True)
        )
        enlarged = Image.fromarray(inked).resize(
            (max(columns, 2), max(rows, 2)), Image.Resampling.BICUBIC
        )
        # Enlarged edges are soft; a pen's are not.
        sharp = np.asarray(enlarged, np.int16)
        sprite = np.clip((sharp - 64) * 3 // 2, 0, 255).astype(np.uint8)
        sprites.append(bent(sprite, rng))
        pens.append(pen_width(inked > 127))
    alike = np.argsort(pens, kind="stable")
    window = 10 * OF_A_WRITER
    writers = alike[: len(alike) // window * window].reshape(-1, window)
    return Sprites(*_boxed(sprites), labels.astype(np.int64), writers)


def other_sprites(
    count: int,
    seed: int,
    *,
    held_out: bool = False,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sprites:
    """Draw letters, symbols, doodles and scribbles. A writer's are of one family, such as Latin."""
    drawn = _drawn(_others, count, [seed, int(held_out)], held_out, processes, progress)
    ink, sizes, families = drawn
    by_family = np.argsort(families, kind="stable")
    whole = len(by_family) // OF_A_WRITER * OF_A_WRITER
    return Sprites(
        ink, sizes, np.full(count, NOT_A_DIGIT), by_family[:whole].reshape(-1, OF_A_WRITER)
    )


def other_kinds(*, held_out: bool = False) -> list[Kind]:
    """Return the kinds of drawings that are no number, nor a part of one."""
    purpose = Purpose.HELD_OUT if held_out else Purpose.TRAINING
    return [
        kind
        for kind in kinds(purpose)
        if kind.family not in _LEFT_OUT and kind.name not in _PARTLY_NUMBERS
    ]


def _others(size: int, seed: np.random.SeedSequence, held_out: bool) -> tuple[NDArray[Any], ...]:
    rng = np.random.default_rng(seed)
    choice = other_kinds(held_out=held_out)
    families = [kind.family for kind in choice]
    names = sorted(set(families))
    # Latin letters are what stands beside numbers; the other families count alike.
    weights = np.array([(4 if f == "latin" else 1) / families.count(f) for f in families])
    weights /= weights.sum()
    sprites: list[Ink] = []
    numbers: list[int] = []
    while len(sprites) < size:
        kind = choice[rng.choice(len(choice), p=weights)]
        picture = kind.draw(rng)
        frame = frame_as_pixels(picture)
        if not frame.any() or is_bar(frame / 255):  # a bar is a 1 after all
            continue
        ink = cut(255 - picture)
        scale = min(
            HEIGHT * np.exp(rng.normal(-0.1, 0.15)) / ink.shape[0],
            *(most / side for most, side in zip(BOX, ink.shape, strict=True)),
        )
        rows, columns = (max(2, int(scale * side)) for side in ink.shape)
        small = Image.fromarray(ink).resize(
            (columns, rows), Image.Resampling.BICUBIC, reducing_gap=2
        )
        sprites.append(np.asarray(small))
        numbers.append(names.index(kind.family))
    return (*_boxed(sprites), np.array(numbers, np.int64))


def _drawn(
    draw: Callable[..., tuple[NDArray[Any], ...]],
    count: int,
    entropy: Sequence[int],
    held_out: bool,
    processes: int | None,
    progress: Callable[[int, int], None] | None,
) -> list[NDArray[Any]]:
    """Return what ``draw`` draws in chunks on all cores, joined; ``entropy`` alone decides it."""
    sizes = [min(CHUNK, count - start) for start in range(0, count, CHUNK)] or [0]
    seeds = np.random.SeedSequence(entropy).spawn(len(sizes))
    arguments = [(size, seed, held_out) for size, seed in zip(sizes, seeds, strict=True)]
    chunks = []
    for chunk in in_processes(draw, arguments, processes):
        chunks.append(chunk)
        if progress is not None:
            progress(sum(sizes[: len(chunks)]), count)
    return [np.concatenate(parts) for parts in zip(*chunks, strict=True)]


def _boxed(sprites: Sequence[Ink]) -> tuple[Ink, NDArray[np.int64]]:
    """Return sprites in the corners of `BOX`, and their sizes."""
    boxed = np.zeros((len(sprites), *BOX), np.uint8)
    sizes = np.zeros((len(sprites), 2), np.int64)
    for box, size, sprite in zip(boxed, sizes, sprites, strict=True):
        rows, columns = (min(*sides) for sides in zip(sprite.shape, BOX, strict=True))
        box[:rows, :columns] = sprite[:rows, :columns]
        size[:] = rows, columns
    return boxed, sizes
