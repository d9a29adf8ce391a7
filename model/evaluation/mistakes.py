"""The worst mistakes among results, as tiles to be drawn on a sheet."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from model.evaluation.results import Results
from model.nn.base import Array
from model.recognizer import Verdict
from model.samples import NON_DIGIT_LABEL

_MOST_TILES = 60


class Tile(NamedTuple):
    """A picture on a sheet, uint8 (S, S) with 255 = black, and what is written under it."""

    frame: Array
    caption: str


def misread(results: Results) -> list[Tile]:
    """Return the digits that were misread, the most confident readings first."""
    wrong = np.flatnonzero(~results.right & (results.labels != NON_DIGIT_LABEL))
    worst = wrong[np.argsort(-results.confidence[wrong], kind="stable")][:_MOST_TILES]
    return [
        Tile(
            results.frames[i],
            f"{results.labels[i]}, read {results.digits[i]}\n{results.confidence[i]:.2f}",
        )
        for i in worst
    ]


def taken_for_digits(non_digits: Results, kinds: Array) -> list[Tile]:
    """Return the non-digits that are called digits, those most like a digit first.

    Args:
        non_digits: N of them, of a network that can tell.
        kinds: str (N,).
    """
    assert non_digits.is_digit is not None
    called = np.flatnonzero(non_digits.verdicts == Verdict.DIGIT)
    worst = called[np.argsort(-non_digits.is_digit[called], kind="stable")][:_MOST_TILES]
    return [
        Tile(non_digits.frames[i], f"{kinds[i].split('/')[-1]}\n{non_digits.is_digit[i]:.2f}")
        for i in worst
    ]


def refused_digits(sets: Iterable[Results]) -> list[Tile]:
    """Return the digits of all sets that are called no digit, those least like one first."""
    tiles = []
    for results in sets:
        if results.is_digit is not None:
            for i in np.flatnonzero(results.verdicts == Verdict.NOT_A_DIGIT):
                probability = float(results.is_digit[i])
                text = f"{results.labels[i]}\n{probability:.2f}"
                tiles.append((probability, Tile(results.frames[i], text)))
    return [tile for _, tile in sorted(tiles, key=lambda pair: pair[0])[:_MOST_TILES]]
