"""Whole pictures of numbers, as a user or another service would send them, to measure by.

They are made of the same rows as the strips of training, but go the long way: ink on a canvas or
on paper, of any size and polarity, to be found and scaled by `model.frame.numbers.strip`.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from model.drawn.numbers.papers import rule, sheets
from model.drawn.numbers.sprites import other_kinds
from model.drawn.numbers.strips import GAPS, StripMaker

Grey = NDArray[np.uint8]

KINDS = (*GAPS, "paper", "other")
"""Canvases with digits apart, close and touching; numbers on paper; drawings that are none."""
_WIDTHS = (48, 72, 96, 120, 144, 192)  # of strips that a row would fit


def picture(kind: str, maker: StripMaker, rng: np.random.Generator) -> tuple[Grey, str]:
    """Draw a picture, uint8 (H, W), of one of `KINDS`; return it with its text, "" if it has none.

    Drawings without a number are of the kinds that training never sees.
    """
    if kind == "other":
        return _other(maker, rng)
    paper = kind == "paper"
    row = maker.row(
        int(rng.choice(_WIDTHS)), paper, rng, gaps=None if paper else GAPS[kind], is_number=True
    )
    margin = int(rng.integers(6, 30))
    top, bottom = row.top - margin, row.bottom + margin
    ink = row.canvas[max(0, top) : bottom, row.left - margin : row.right + margin]
    factor = rng.uniform(1, 5)
    size = (round(ink.shape[1] * factor * row.stretch), round(ink.shape[0] * factor))
    enlarged = Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC)
    if factor > 1.5:  # edges of strokes are as sharp as before
        enlarged = enlarged.point(lambda value: min(255, max(0, (value - 64) * 2)))
    text = "".join(map(str, row.text))
    grey = np.asarray(enlarged)
    if paper:
        return _on_paper(grey, rng), text
    return (grey if rng.random() < 0.15 else 255 - grey), text


def _other(maker: StripMaker, rng: np.random.Generator) -> tuple[Grey, str]:
    if rng.random() < 0.3:
        row = maker.row(120, False, rng, is_number=False)
        return 255 - row.canvas[:, row.left - 20 : row.right + 20], ""
    kinds = other_kinds(held_out=True)
    return kinds[rng.integers(len(kinds))].draw(rng), ""


def _on_paper(ink: Grey, rng: np.random.Generator) -> Grey:
    """Ink on a bank's or a form's paper, seen by a camera or a scanner."""
    height, width = ink.shape
    amounts = ink * rng.uniform(0.5, 0.95)
    sheet = sheets(1, rng)[0]
    columns = min(sheet.shape[1], max(2, round(sheet.shape[0] * width / height)))
    behind = Image.fromarray(sheet[:, :columns]).resize((width, height), Image.Resampling.BILINEAR)
    amounts = np.maximum(amounts, np.asarray(behind) * rng.uniform(0, 0.8)).astype(np.uint8)
    if rng.random() < 0.4:
        row = height * (1 - rng.uniform(0.02, 0.12))
        thickness = max(1.0, height * rng.uniform(0.01, 0.04))
        rule(amounts, row, rng.normal(0, 0.006), thickness, int(rng.uniform(60, 220)))
    paper = rng.uniform(140, 245) + np.linspace(0, rng.uniform(-40, 10), width)
    grey = paper * (1 - amounts / 255 * rng.uniform(0.6, 0.95))
    grey += rng.normal(0, rng.uniform(0, 6), grey.shape)
    picture = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1))))
