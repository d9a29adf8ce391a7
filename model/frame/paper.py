"""Which pixels of a drawing are ink: how bright its paper is, and whether ink is darker or lighter.

The paper of a canvas or a scan has one brightness, which a sample of the pixels tells. A photo has
shadows and noise: there the brightness of paper is estimated place by place and divided out. That
takes milliseconds instead of microseconds, so it is done only where it is needed.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.errors import EmptyDrawing

Grey = NDArray[np.uint8]  # (H, W), a picture as it is sent: 0 black to 255 white
Levels = NDArray[
    np.uint8
]  # (H, W) or a row of it, ink on its paper: 0 paper, the stronger the more
Photo = NDArray[np.float32]  # (H, W), grey levels of a photo, or of its tiles

LEAST_CONTRAST = 16  # grey levels between paper and ink; less cannot be told from nothing
_SEEN = 2  # grey levels by which paper varies that a camera or a scanner saw
SAMPLE = 28  # pixels a side, at most, that are looked at to find out about the paper
UNEVEN = 0.1  # of the contrast: paper that varies by more is treated as a photo
SHADOW = 0.3  # of what seems ink: if so much is not near an edge, it is no stroke but a shadow
LEAST_PHOTO = 48  # pixels, shortest side: a smaller picture is an icon or a frame, not a photo
PHOTO = 160  # pixels, longest side to which a photo is reduced
THIN, FULL = 0.3, 0.75  # of a photo's usual ink: as weak is paper, as strong is full ink
TILES = 16  # along the longest side of a photo, each with a paper brightness of its own


class Paper(NamedTuple):
    """What paper looks like in a picture; whatever differs from it by more than noise is ink.

    Attributes:
        level: the grey level of paper, 0 to 255.
        noise: paper is from ``level - noise`` to ``level + noise``.
        dark_ink: whether ink is darker than paper.
    """

    level: int
    noise: int
    dark_ink: bool

    @property
    def seen(self) -> bool:
        """Whether a camera or a scanner saw it: it varies. That of a canvas does not."""
        return self.noise >= _SEEN

    def ink(self, grey: Grey) -> Levels:
        """Return by how many grey levels each pixel is inked, 0 for paper, in the shape given."""
        if self.dark_ink:
            level = max(self.level - self.noise, 0)
            ink = level - grey
            return ink if level == 255 else ink * (grey < level)  # what is lighter wraps around
        level = min(self.level + self.noise, 255)
        return grey if level == 0 else (grey - level) * (grey > level)


def find_paper(grey: Grey) -> Paper | None:
    """Return the paper of a drawing, or None if it is uneven: a photo, which is for `flatten`.

    Args:
        grey: uint8 (H, W), 0 black to 255 white, at least one pixel.

    Raises:
        EmptyDrawing: if nothing stands out.
    """
    darkest, lightest = int(grey.min()), int(grey.max())
    if lightest - darkest < LEAST_CONTRAST:
        raise EmptyDrawing
    middle = (darkest + lightest) // 2
    step_y, step_x = (math.ceil(side / SAMPLE) for side in grey.shape)
    sample = grey[::step_y, ::step_x]
    dark = sample <= middle
    dark_count = np.count_nonzero(dark)
    dark_ink = not _dark_paper(grey, dark_count / dark.size, middle, step_y, step_x)
    # A canvas has one level, and there is nothing to estimate. It is the lightest or the darkest.
    level, paper_count = (lightest, dark.size - dark_count) if dark_ink else (darkest, dark_count)
    if paper_count > 0.7 * dark.size and np.count_nonzero(sample == level) > 0.8 * paper_count:
        return Paper(level, 0, dark_ink)
    is_ink = dark if dark_ink else ~dark
    # Beside ink there is every level between ink and paper; a small picture may have no other, and
    # then its paper is the level that is farthest from ink.
    inner = _inner(~is_ink)
    clear = np.count_nonzero(inner) >= 20
    paper = np.sort(sample[inner if clear else ~is_ink])
    low, level, high = (int(paper[place * paper.size // 100]) for place in (5, 50, 95))
    noise = max(high - level, level - low)
    uneven = noise > UNEVEN * (lightest - darkest)
    uneven = uneven or _has_shadow(sample, is_ink, darkest, lightest, dark_ink)
    if uneven and min(grey.shape) >= LEAST_PHOTO:
        return None
    if not clear:
        return Paper(high if dark_ink else low, 0, dark_ink)
    return Paper(level, round(0.6 * noise), dark_ink)


def _dark_paper(grey: Grey, share: float, middle: int, step_y: int, step_x: int) -> bool:
    """Tell whether the dark pixels, those up to ``middle``, are the paper.

    Paper is what lies around the ink, so the border decides. The four corners count as much as all
    of the border, since a digit that fills the picture seldom reaches them. What is less than 30 %
    of the picture is not paper even if it holds the border: it is a frame around the drawing, or a
    digit that touches the edges. ``share`` is that of the dark pixels, 0 to 1.
    """
    top, bottom, left, right = (
        grey[0, ::step_x],
        grey[-1, ::step_x],
        grey[::step_y, 0],
        grey[::step_y, -1],
    )
    border = np.concatenate([top, bottom, left, right])
    corners = sum(grey.item(y, x) <= middle for y in (0, -1) for x in (0, -1))
    around = (corners / 4 + np.count_nonzero(border <= middle) / border.size) / 2
    return share > (0.3 if around > 0.5 else 0.7)


def _has_shadow(
    sample: Grey, is_ink: NDArray[np.bool_], darkest: int, lightest: int, dark_ink: bool
) -> bool:
    """Tell whether much of what seems ink is a shadow: wider than strokes and weaker than ink.

    Where nearly all of it is that wide, its strength tells nothing: it may be the lit part of the
    picture, with the shadow taken for paper.
    """
    inner = _inner(is_ink)
    wide, count = int(np.count_nonzero(inner)), int(np.count_nonzero(is_ink))
    if wide < max(SHADOW * count, 0.02 * is_ink.size):
        return False
    usual = float(np.median(sample[inner]))
    weaker = usual - darkest if dark_ink else lightest - usual
    return wide > 0.7 * count or weaker > 0.25 * (lightest - darkest)


def _inner(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask (H, W) without the two rows of pixels along the edges of what is true."""
    for _ in range(2):
        inner = mask.copy()
        inner[1:] &= mask[:-1]
        inner[:-1] &= mask[1:]
        inner[:, 1:] &= mask[:, :-1]
        inner[:, :-1] &= mask[:, 1:]
        mask = inner
    return mask


# ---- photos ------------------------------------------------------------------------------------


def flatten(grey: Grey) -> tuple[Grey, Paper]:
    """Return the drawing on even paper, reduced to at most 160 pixels a side, and that paper.

    The brightness of paper is first taken to be the median of each tile, smoothed by the medians of
    the tiles around it: so far nothing has to be known of ink. Ink is what then stands out most, as
    darker or as lighter. The brightness of paper is then taken anew as the mean of what is not ink.

    Args:
        grey: uint8 (H, W), 0 black to 255 white, at least 48 pixels a side.

    Raises:
        EmptyDrawing: if nothing stands out from the noise.
    """
    factor = math.ceil(max(grey.shape) / PHOTO)
    picture = np.asarray(Image.fromarray(grey).reduce(factor), dtype=np.float32)
    height, width = picture.shape
    side = max(4, math.ceil(max(height, width) / TILES))
    # Whole tiles, and one more all around, in which the light goes on rising or falling.
    picture = _extended(picture, (side, side + -height % side), (side, side + -width % side))
    middles = _extended(np.median(_tiles(picture, side), axis=2), (2, 2), (2, 2))
    around = np.lib.stride_tricks.sliding_window_view(middles, (5, 5))
    rough = np.median(around, axis=(2, 3))
    darker = _interpolated(rough, side) - picture
    # The edge of a shadow is both darker and lighter than its surroundings. Where that leaves
    # doubt, ink is dark: what is photographed is mostly dark on light.
    cubes = darker * darker * darker
    dark_ink = float(cubes.sum()) > -0.5 * float(np.abs(cubes).sum())
    if not dark_ink:
        picture, rough, darker = 255 - picture, 255 - rough, -darker
    noise = 1.05 * float(np.median(np.abs(np.diff(picture))))  # standard deviation, if Gaussian
    is_paper = darker < max(3 * noise, 0.3 * float(darker.max()))
    amounts = _sums_around(_tiles(is_paper.astype(np.float32), side).sum(axis=2))
    sums = _sums_around(_tiles(is_paper * picture, side).sum(axis=2))
    fine = np.where(amounts > side, sums / np.maximum(amounts, 1), rough)
    paper = np.maximum(_interpolated(fine, side), 1)
    inside = (slice(side, side + height), slice(side, side + width))
    picture, paper = picture[inside], paper[inside]
    if float((paper - picture).max()) < max(LEAST_CONTRAST, 6 * noise):
        raise EmptyDrawing
    # Ink takes away a part of the light that falls on it, in shadow the same part as elsewhere.
    ink = 1 - picture / paper
    strength = ink / float(np.median(ink[ink > 0.5 * ink.max()]))
    if factor > 1:
        part = _part_around(strength > 0.5, factor, grey)
        if max(part.shape) < 0.7 * max(grey.shape):  # a small digit, which deserves more pixels
            return flatten(part)
    levels = np.clip((strength - THIN) * (255 / (FULL - THIN)), 0, 255).astype(np.uint8)
    return (255 - levels, Paper(255, 25, True)) if dark_ink else (levels, Paper(0, 25, False))


def _part_around(ink: NDArray[np.bool_], factor: int, grey: Grey) -> Grey:
    """Return the part of a picture around its ink, with half the ink's size as margin.

    ``ink`` is bool, the picture reduced by ``factor``.
    """
    spans = []
    for axis in (1, 0):
        inked = np.flatnonzero(ink.any(axis=axis)) * factor
        spans.append((int(inked[0]), int(inked[-1]) + factor))
    margin = max(end - start for start, end in spans) // 2
    rows, columns = (slice(max(0, start - margin), end + margin) for start, end in spans)
    return grey[rows, columns]


def _tiles(picture: Photo, side: int) -> Photo:
    """Return a picture (H, W) cut into tiles, (H / side, W / side, side * side)."""
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    tiles = picture.reshape(rows, side, columns, side).transpose(0, 2, 1, 3)
    return tiles.reshape(rows, columns, side * side)


def _sums_around(tiles: Photo) -> Photo:
    """Return the sum of each tile and its eight neighbours, in the shape given."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(tiles, 1), (3, 3))
    return np.asarray(windows.sum(axis=(2, 3)))


def _interpolated(tiles: Photo, side: int) -> Photo:
    """Return a picture whose tiles, ``side`` pixels wide, have these values in their middles."""
    image = Image.fromarray(np.asarray(tiles, dtype=np.float32))
    size = (tiles.shape[1] * side, tiles.shape[0] * side)
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR))


def _extended(picture: Photo, rows: tuple[int, int], columns: tuple[int, int]) -> Photo:
    """Return a picture with more rows and columns before and after it, mirrored at its edges."""
    extended = np.pad(picture, (rows, columns), mode="reflect", reflect_type="odd")
    return np.asarray(extended, dtype=np.float32)
