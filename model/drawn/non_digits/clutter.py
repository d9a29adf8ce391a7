"""Pictures that no pen drew: specks, noise, patterns, shadows and filled shapes."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from model.drawn.non_digits.kinds import Kind, drawn
from model.frame.paper import Grey

KINDS: list[Kind] = []

SIDE = 84  # pixels, of every picture drawn here


def _picture(darkness: NDArray[np.float64]) -> Grey:
    """Return the picture of a darkness (H, W), 0 paper to 1 ink, cut off beyond."""
    return np.asarray(255 - 255 * np.clip(darkness, 0, 1), dtype=np.uint8)


def _axes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coordinates x (1, SIDE) and y (SIDE, 1), -1 to 1."""
    line = np.linspace(-1, 1, SIDE)
    return line[None], line[:, None]


def _across(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return distances (SIDE, SIDE) along a random direction, about -1 to 1."""
    x, y = _axes()
    angle = rng.uniform(0, 2 * np.pi)
    return np.asarray(x * np.cos(angle) + y * np.sin(angle))


def _clouds(rng: np.random.Generator, cells: int) -> NDArray[np.float64]:
    """Return smooth noise (SIDE, SIDE) with about ``cells`` hills a side, mean 0, deviation 1."""
    coarse = rng.normal(0, 1, (cells + 2, cells + 2)).astype(np.float32)
    fine = Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    hills = np.asarray(fine, dtype=np.float64)
    return np.asarray((hills - hills.mean()) / hills.std())


def _filled(points: NDArray[np.float64], rng: np.random.Generator) -> Grey:
    """Draw a filled polygon with points in -1 to 1, turned and stretched."""
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    placed = points @ turn * (rng.uniform(0.75, 1), rng.uniform(0.75, 1)) * 30 + SIDE / 2
    image = Image.new("L", (SIDE, SIDE), 255)
    ImageDraw.Draw(image).polygon([(x, y) for x, y in placed.tolist()], fill=0)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1))))


def _regular(corners: int) -> NDArray[np.float64]:
    angles = np.arange(corners) * 2 * np.pi / corners
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


# ---- specks ------------------------------------------------------------------------------------


@drawn(KINDS, "specks")
def dots(rng: np.random.Generator) -> Grey:
    """A handful of round dots of about one size, apart from each other."""
    count = int(rng.integers(4, 14))
    return _dots(rng.uniform(10, SIDE - 10, (count, 2)), np.full(count, rng.uniform(1, 4)))


@drawn(KINDS, "specks")
def dust(rng: np.random.Generator) -> Grey:
    """Many specks, most of them tiny."""
    count = int(rng.integers(15, 90))
    return _dots(rng.uniform(2, SIDE - 2, (count, 2)), rng.exponential(0.9, count) + 0.4)


@drawn(KINDS, "specks", held_out=True)
def splashes(rng: np.random.Generator) -> Grey:
    """A large drop with small ones around it."""
    count = int(rng.integers(6, 20))
    places = rng.normal(SIDE / 2, 17, (count, 2))
    sizes = rng.exponential(2, count) + 0.7
    sizes[0] = rng.uniform(7, 12)
    return _dots(places, sizes)


def _dots(places: NDArray[np.float64], radii: NDArray[np.float64]) -> Grey:
    scale = 2  # drawn twice as large: PIL's circles have no soft edge
    image = Image.new("L", (scale * SIDE, scale * SIDE), 255)
    pen = ImageDraw.Draw(image)
    for (x, y), radius in zip((places * scale).tolist(), (radii * scale).tolist(), strict=True):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return np.asarray(image.reduce(scale))


# ---- noise and patterns ------------------------------------------------------------------------


@drawn(KINDS, "texture")
def camouflage(rng: np.random.Generator) -> Grey:
    """Dark patches of any form all over the picture."""
    hills = _clouds(rng, int(rng.integers(6, 15)))
    return _picture(0.4 + rng.uniform(1, 6) * (hills - rng.uniform(0, 0.7)))


@drawn(KINDS, "texture")
def black_and_white_noise(rng: np.random.Generator) -> Grey:
    """Ink or paper by chance, in small squares."""
    cells = int(rng.integers(10, 42))
    coarse = np.uint8(255) * (rng.random((cells, cells)) > rng.uniform(0.1, 0.6))
    return np.asarray(Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.NEAREST))


@drawn(KINDS, "texture")
def stripes(rng: np.random.Generator) -> Grey:
    """Four or more stripes, hard or soft, at any angle."""
    wave = np.sin(_across(rng) * np.pi * rng.uniform(4, 11) + rng.uniform(0, 6))
    return _picture(0.5 + rng.uniform(0.5, 4) * wave)


@drawn(KINDS, "texture", held_out=True)
def chequers(rng: np.random.Generator) -> Grey:
    """Squares in turn, dark and light."""
    x, y = _axes()
    fields = rng.uniform(3, 7)
    wave = np.sin(x * np.pi * fields + rng.uniform(0, 6)) * np.sin(y * np.pi * fields)
    return _picture(0.5 + rng.uniform(3, 9) * wave)


@drawn(KINDS, "texture")
def marble(rng: np.random.Generator) -> Grey:
    """Veins: the level lines of smooth noise."""
    hills = _clouds(rng, int(rng.integers(3, 8)))
    return _picture(1.2 - rng.uniform(1.5, 4) * np.abs(np.sin(hills * rng.uniform(1.5, 4))))


@drawn(KINDS, "texture", held_out=True)
def bar_code(rng: np.random.Generator) -> Grey:
    """Upright bars of different widths."""
    bars = np.repeat(rng.random(24) > 0.5, rng.integers(2, 5, 24))[:70]
    picture = np.full((SIDE, SIDE), 255, dtype=np.uint8)
    top = int(rng.integers(12, 30))
    picture[top : SIDE - top, 7 : 7 + bars.size] = np.where(bars, 0, 255)
    return picture


@drawn(KINDS, "texture")
def matrix_code(rng: np.random.Generator) -> Grey:
    """A square of black and white fields with three marked corners."""
    fields = rng.random((17, 17)) > 0.5
    ring = np.ones((5, 5), dtype=bool)
    ring[1:4, 1:4] = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], dtype=bool)
    for rows, columns in ((0, 0), (0, 12), (12, 0)):
        fields[rows : rows + 5, columns : columns + 5] = ring
    enlarged = np.kron(fields, np.ones((4, 4)))
    return _picture(np.pad(enlarged, 8))


# ---- shadows -----------------------------------------------------------------------------------


@drawn(KINDS, "shadow")
def gradient(rng: np.random.Generator) -> Grey:
    """Paper that darkens from one side to the other."""
    steepness = rng.uniform(0.2, 0.8)
    return _picture(0.5 + steepness * _across(rng) + rng.normal(0, 0.02, (SIDE, SIDE)))


@drawn(KINDS, "shadow", held_out=True)
def vignette(rng: np.random.Generator) -> Grey:
    """A photo that is darker towards its corners."""
    x, y = _axes()
    centre = rng.normal(0, 0.2, 2)
    distance = np.hypot(x - centre[0], y - centre[1])
    return _picture(rng.uniform(0.4, 0.9) * distance**2 + rng.normal(0, 0.02, (SIDE, SIDE)))


@drawn(KINDS, "shadow")
def edge(rng: np.random.Generator) -> Grey:
    """The picture's larger part in the dark: a table beyond the paper."""
    x, y = _axes()
    line = y + rng.uniform(-0.6, 0.6) * x + rng.uniform(-0.3, 0.3)
    return _picture(0.5 + rng.choice((-1, 1)) * rng.uniform(2, 20) * line)


@drawn(KINDS, "shadow")
def cast_shadow(rng: np.random.Generator) -> Grey:
    """A soft dark patch with folds, as of a hand over the paper."""
    patch = _clouds(rng, 2) + 0.35 * _clouds(rng, 6)
    return _picture(rng.uniform(0.3, 0.6) * patch + rng.normal(0, 0.02, (SIDE, SIDE)))


@drawn(KINDS, "shadow", held_out=True)
def crumpled(rng: np.random.Generator) -> Grey:
    """Creases: the ridges between flat, differently lit pieces."""
    shade = np.zeros((SIDE, SIDE))
    for _ in range(rng.integers(4, 8)):
        side = np.sign(_across(rng) + rng.uniform(-0.5, 0.5))
        shade += rng.normal(0, 0.2) * side
    return _picture(0.4 + shade + rng.normal(0, 0.02, (SIDE, SIDE)))


@drawn(KINDS, "shadow")
def ruled_paper(rng: np.random.Generator) -> Grey:
    """Lines or squares printed on paper, and nothing written on it."""
    x, y = _axes()
    pitch, width = rng.uniform(0.18, 0.45), rng.uniform(0.02, 0.07)
    lines = np.abs((y + rng.uniform(0, 1)) % pitch - pitch / 2) < width
    if rng.random() < 0.5:
        lines = lines | (np.abs((x + rng.uniform(0, 1)) % pitch - pitch / 2) < width)
    rows = np.broadcast_to(lines, (SIDE, SIDE))
    return _picture(np.pad(rows[6:-6, 6:-6] * 0.9, 6))


# ---- filled shapes -----------------------------------------------------------------------------


@drawn(KINDS, "blob")
def inkblot(rng: np.random.Generator) -> Grey:
    """A filled patch with a wavy edge."""
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    radius = np.full(48, 0.7)
    for waves in (2, 3, 5):
        radius += rng.normal(0, 0.09) * np.sin(waves * angles + rng.uniform(0, 6))
    return _filled(np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius[:, None], rng)


@drawn(KINDS, "blob")
def filled_square(rng: np.random.Generator) -> Grey:
    """A filled square or rhomb."""
    return _filled(_regular(4), rng)


@drawn(KINDS, "blob", held_out=True)
def filled_triangle(rng: np.random.Generator) -> Grey:
    """A filled triangle."""
    return _filled(_regular(3), rng)


@drawn(KINDS, "blob")
def filled_star(rng: np.random.Generator) -> Grey:
    """A filled star of five to eight rays."""
    rays = int(rng.integers(5, 9))
    reach = np.where(np.arange(2 * rays) % 2 == 0, 1.0, rng.uniform(0.35, 0.6))
    return _filled(_regular(2 * rays) * reach[:, None], rng)


@drawn(KINDS, "blob", held_out=True)
def filled_heart(rng: np.random.Generator) -> Grey:
    """A filled heart."""
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    height = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return _filled(np.stack([16 * np.sin(t) ** 3, -height], axis=1) / 17, rng)


@drawn(KINDS, "blob")
def filled_disc(rng: np.random.Generator) -> Grey:
    """A filled circle."""
    return _filled(_regular(40), rng)


@drawn(KINDS, "blob")
def soft_spots(rng: np.random.Generator) -> Grey:
    """Three to six blurred spots that run into one another."""
    x, y = _axes()
    dark = np.zeros((SIDE, SIDE))
    for _ in range(rng.integers(3, 7)):
        (cx, cy), size = rng.uniform(-0.6, 0.6, 2), rng.uniform(0.15, 0.4)
        dark += rng.uniform(0.5, 1.2) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * size**2))
    return _picture(dark)
