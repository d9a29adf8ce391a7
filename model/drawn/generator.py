"""Drawings by the thousand: what is drawn how often, on all cores, and a sheet of it to look at.

What can be drawn is a list of subjects: `digits.writer.digits` and `non_digits.families.non_digits`
give one for each purpose. Which subject comes next, and how it comes out, is random; the same seed
gives the same drawings, whatever the number of processes.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.parallel import in_processes

CHUNK = 250  # drawings that share one child seed; fixed, whatever the number of processes


class Purpose(Enum):
    """What a subject is for; the value is its mark in the notation of `non_digits.letters`."""

    TRAINING = ""
    HELD_OUT = "*"  # for validation and evaluation, never trained on
    LOOKALIKE = "?"  # no digit, but a person could read it as one: counted apart, never trained on


class Subject(NamedTuple):
    """Something that can be drawn, again and again and never twice alike.

    Attributes:
        name: as on the contact sheet.
        label: 0 to 9, or `NON_DIGIT_LABEL`.
        share: of all drawings for its purpose; the shares of a purpose add up to 1.
        frame: draws it once and frames it: uint8 (28, 28), 0 paper to 255 ink.
    """

    name: str
    label: int
    share: float
    frame: Callable[[np.random.Generator], NDArray[np.uint8]]


Subjects = Callable[[Purpose], Sequence[Subject]]


class Drawings(NamedTuple):
    """N drawings by code.

    Attributes:
        frames: uint8 (N, 28, 28), 0 paper to 255 ink.
        labels: int64 (N,), 0 to 9, or `NON_DIGIT_LABEL`.
        names: str (N,), the names of their subjects.
    """

    frames: NDArray[np.uint8]
    labels: NDArray[np.int64]
    names: NDArray[np.str_]


def generate(
    subjects: Subjects,
    count: int,
    seed: int,
    purpose: Purpose = Purpose.TRAINING,
    *,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Drawings:
    """Draw ``count`` pictures of the subjects of a purpose, each as often as its share says.

    The result depends on ``subjects``, ``count``, ``seed`` and ``purpose`` alone.

    Args:
        subjects: a function of a module, so that new processes find it.
        count: 0 or more.
        seed: 0 or more.
        purpose: which subjects.
        processes: one for each core by default.
        progress: called with the number done and ``count``, now and then and at the end.
    """
    sizes = [min(CHUNK, count - start) for start in range(0, count, CHUNK)] or [0]
    seeds = np.random.SeedSequence([seed, list(Purpose).index(purpose)]).spawn(len(sizes))
    arguments = [(subjects, purpose, *chunk) for chunk in zip(sizes, seeds, strict=True)]
    chunks = []
    for chunk in in_processes(_draw_chunk, arguments, processes):
        chunks.append(chunk)
        if progress is not None:
            progress(sum(sizes[: len(chunks)]), count)
    return Drawings(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))


def _draw_chunk(
    subjects: Subjects, purpose: Purpose, size: int, seed: np.random.SeedSequence
) -> Drawings:
    rng = np.random.default_rng(seed)
    choice = subjects(purpose)
    shares = [subject.share for subject in choice]
    chosen = [choice[i] for i in rng.choice(len(choice), size, p=shares)]
    frames = np.array([subject.frame(rng) for subject in chosen], np.uint8)
    labels = np.array([subject.label for subject in chosen], np.int64)
    names = np.array([subject.name for subject in chosen], np.str_)
    return Drawings(frames.reshape(-1, 28, 28), labels, names)


def contact_sheet(
    subjects: Sequence[Subject], *, columns: int = 2, samples: int = 12, seed: int = 0
) -> Image.Image:
    """Return a picture to look at: a few drawings of each subject as the network reads them.

    A row holds ``columns`` subjects, each by its name and ``samples`` drawings, enlarged threefold.
    """
    side, label = 84, 190
    width, rows = label + samples * side, -(-len(subjects) // columns)
    sheet = Image.new("L", (columns * width, rows * side), 255)
    pen = ImageDraw.Draw(sheet)
    for index, subject in enumerate(subjects):
        rng = np.random.default_rng([seed, index])
        left, top = index % columns * width, index // columns * side
        pen.text((left + 4, top + side // 3), subject.name.replace("/", "\n"), fill=0)
        for sample in range(samples):
            tile = Image.fromarray(255 - subject.frame(rng))
            tile = tile.resize((side, side), Image.Resampling.BOX)
            sheet.paste(tile, (left + label + sample * side, top))
    return sheet
