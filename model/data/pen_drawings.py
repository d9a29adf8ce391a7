"""The pen drawings of people who never saw MNIST: read, drawn with five pens, framed.

The set lies outside the project, in a folder that `PEN_DRAWINGS` names: a gzipped JSON list of
drawings, `render.py`, which draws one as an HTML canvas would, and perhaps `paper.py`, which puts
one on the paper that cameras bring. It is for measuring only; its README defines the score as the
mean accuracy over the five pens.
"""

import gzip
import io
import json
import random
import runpy
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import DrawingsError, FileError
from model.files import read_whole, size_text
from model.frame.paper import Grey
from model.frame.preprocess import frame_as_pixels
from model.parallel import in_processes

MOST_BYTES = 2**28  # of the list, packed and unpacked; ours has 0.7 MB and 2.8


class Pen(NamedTuple):
    """How a digit is drawn, in pixels of a canvas of 280 x 280.

    Attributes:
        height: the longest side of the pen's path.
        line_width: the width of its line.
    """

    height: int
    line_width: int


PENS = {
    "usual": Pen(200, 20),
    "small digit": Pen(100, 20),
    "tiny digit": Pen(60, 12),
    "fine tip": Pen(240, 8),
    "marker": Pen(200, 36),
}


class PenDrawings(NamedTuple):
    """N drawings.

    Attributes:
        strokes: of each drawing, as the file has them.
        labels: int64 (N,), 0 to 9.
        writers: str (N,), who drew each.
        renderer: the program that draws them.
    """

    strokes: list[Any]
    labels: NDArray[np.int64]
    writers: NDArray[np.str_]
    renderer: Path


def load_pen_drawings(folder: Path) -> PenDrawings:
    """Read the set, without the drawings that are marked as ambiguous.

    Raises:
        DrawingsError: if the folder does not hold it, or the file is damaged.
    """
    files = sorted(folder.glob("*.json.gz"))
    if len(files) != 1 or not (folder / "render.py").is_file():
        raise DrawingsError(
            f"{folder} holds no pen drawings, which are one .json.gz file and render.py; "
            "name the folder that does with PEN_DRAWINGS, or leave it out"
        )
    try:
        packed = io.BytesIO(read_whole(files[0], MOST_BYTES))
        content = gzip.GzipFile(fileobj=packed).read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise FileError(f"unpacks to more than {size_text(MOST_BYTES)}")
        drawings = json.loads(content)
        whole = [drawing for drawing in drawings if drawing["flag"] != "ambiguous"]
        return PenDrawings(
            [drawing["strokes"] for drawing in whole],
            np.array([drawing["label"] for drawing in whole], np.int64),
            np.array([drawing["writer"] for drawing in whole]),
            folder / "render.py",
        )
    except FileError as error:
        raise DrawingsError(f"{files[0]} {error}; fetch it again") from None
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise DrawingsError(f"{files[0]} is damaged; fetch it again") from error


def draw_with_pen(
    drawings: PenDrawings, pen: Pen, processes: int | None = None
) -> NDArray[np.uint8]:
    """Draw and frame all drawings with one pen, on all cores unless ``processes`` says how many.

    Returns the pixels of their frames, uint8 (N, 28, 28), 0 paper to 255 ink; blank where no ink
    was found.
    """
    strokes = drawings.strokes
    pieces = [strokes[start : start + 100] for start in range(0, len(strokes), 100)]
    arguments = [(piece, pen, drawings.renderer) for piece in pieces]
    return np.concatenate(list(in_processes(_draw, arguments, processes)))


def pen_pictures(drawings: PenDrawings, pen: Pen, every: int = 1) -> list[Grey]:
    """Draw each ``every``-th drawing with a pen, as a canvas would: uint8 (H, W) each."""
    return _pictures(drawings.strokes[::every], pen, drawings.renderer)


class PaperDrawings(NamedTuple):
    """N drawings on paper: pictures uint8 (H, W) each; labels int64 (N,), 0 to 9."""

    pictures: list[Grey]
    labels: NDArray[np.int64]


def draw_on_paper(
    drawings: PenDrawings, count: int, seed: int, processes: int | None = None
) -> dict[str, PaperDrawings]:
    """Return ``count`` drawings, taken at random, on paper with each hazard, by its name.

    Returns none if the folder has no `paper.py`. The result depends on the set, ``count`` and
    ``seed`` alone.
    """
    program = drawings.renderer.with_name("paper.py")
    if not program.is_file():
        return {}
    with beside(program):
        hazards = [name for name in runpy.run_path(str(program))["HAZARDS"] if name != "none"]
    rng = random.Random(seed)
    arguments, labels = [], []
    for hazard in hazards:
        chosen = [rng.randrange(len(drawings.strokes)) for _ in range(count)]
        strokes = [drawings.strokes[i] for i in chosen]
        arguments.append((strokes, hazard, rng.getrandbits(32), program))
        labels.append(drawings.labels[chosen])
    pictures = in_processes(_put_on_paper, arguments, processes)
    return {
        hazard: PaperDrawings(of_hazard, labels_of_hazard)
        for hazard, of_hazard, labels_of_hazard in zip(hazards, pictures, labels, strict=True)
    }


def _put_on_paper(strokes: list[Any], hazard: str, seed: int, program: Path) -> list[Grey]:
    rng = random.Random(seed)
    with beside(program):
        on_paper = runpy.run_path(str(program))["on_paper"]
    return [np.asarray(on_paper(drawing, hazard, rng)) for drawing in strokes]


@contextmanager
def beside(program: Path) -> Iterator[None]:
    """Let a program import what lies in its folder; another folder's is not taken for it later."""
    before = set(sys.modules)
    sys.path.insert(0, str(program.parent))
    try:
        yield
    finally:
        sys.path.remove(str(program.parent))
        for name in set(sys.modules) - before:
            if getattr(sys.modules[name], "__file__", None) == str(program.parent / f"{name}.py"):
                del sys.modules[name]


def _draw(strokes: list[Any], pen: Pen, renderer: Path) -> NDArray[np.uint8]:
    return np.stack([frame_as_pixels(picture) for picture in _pictures(strokes, pen, renderer)])


def _pictures(strokes: list[Any], pen: Pen, renderer: Path) -> list[Grey]:
    draw = runpy.run_path(str(renderer))["render_strokes"]
    return [
        np.asarray(draw(drawing, digit_height=pen.height, line_width=pen.line_width))
        for drawing in strokes
    ]
