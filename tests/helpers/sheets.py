"""Sheets of what is drawn by code, committed: what the weights that are served were trained on.

A training can be repeated, so what it draws may change only together with the weights. Who changes
it on purpose writes the sheets anew, `DRAWN=write pytest tests/model/drawn tests/model/training`,
looks at the difference, and trains.
"""

import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Tile = NDArray[np.uint8]  # 0 paper to 255 ink

# Grey levels, the mean over a tile. Another processor's sines differ in their last bit, which moves
# single pixels by a level; another stroke moves many by a hundred.
_TOLERANCE = 1.0


def rng_for(name: str) -> np.random.Generator:
    """Random numbers that depend on a name alone, so that a new style leaves the others alone."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def drawn_by(draw: Callable[[np.random.Generator], Tile], name: str, samples: int) -> list[Tile]:
    """Draw a few samples of what has this name, at half of their size."""
    rng = rng_for(name)
    return [reduced(draw(rng)) for _ in range(samples)]


def reduced(ink: Tile) -> Tile:
    """Ink at half of its size."""
    return np.asarray(Image.fromarray(ink).reduce(2))


def assert_as_committed(path: Path, rows: Mapping[str, Sequence[Tile]]) -> None:
    """Compare tiles with the sheet that is committed.

    rows: by the name of what they show, equally many tiles each, uint8 (H, W), all of one size.
    """
    sheet = np.concatenate([np.concatenate(row, axis=1) for row in rows.values()])
    if os.environ.get("DRAWN") == "write":
        Image.fromarray(255 - sheet).save(path, optimize=True)
    committed = 255 - np.asarray(Image.open(path))
    assert committed.shape == sheet.shape
    tiles = len(next(iter(rows.values())))
    away = np.abs(committed.astype(int) - sheet)
    away = away.reshape(len(rows), len(sheet) // len(rows), tiles, -1).mean(axis=(1, 3))
    changed = {
        name: errors.round(1).tolist()
        for name, errors in zip(rows, away, strict=True)
        if errors.max() > _TOLERANCE
    }
    assert changed == {}
