"""Digits on paper are what their seed says, and a sheet keeps track of where its digit is."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sheets import assert_as_committed

from model.drawn.papers import hazards
from model.drawn.papers.generator import contact_sheet, generate
from model.drawn.papers.hazards import HAZARDS, blurred_by
from model.drawn.papers.inks import Levels
from model.drawn.papers.sheet import Sheet
from model.frame.pen_width import pen_width


def sheet() -> Sheet:
    ink = np.zeros((40, 30), np.float32)
    ink[10:30, 8:20] = 1
    return Sheet(ink, np.zeros_like(ink), 20.0, 2.0, (10, 30, 8, 20), 0.8)


@pytest.mark.parametrize("hazard", HAZARDS)
def test_a_seed_decides_what_is_drawn(hazard):
    first, again, other = (generate(12, seed, hazard) for seed in (1, 1, 2))
    for one, same, different in zip(first.pictures, again.pictures, other.pictures, strict=True):
        assert one.dtype == np.uint8
        assert one.ndim == 2
        assert min(one.shape) >= 4
        assert np.ptp(one) > 10
        assert np.array_equal(one, same)
        assert not np.array_equal(one, different)
    assert np.array_equal(first.labels, again.labels)
    assert set(first.labels) <= set(range(10))


def test_styles_left_out_of_training_are_others():
    assert not np.array_equal(
        generate(1, 1, "clean").pictures[0], generate(1, 1, "clean", held_out=True).pictures[0]
    )


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
def test_a_sheet_knows_where_its_digit_is(side):
    one = sheet()
    rooms = {name: one.room(name) for name in ("top", "bottom", "left", "right")}
    one.extend(side, 7)
    assert {name: one.room(name) for name in rooms} == rooms | {side: rooms[side] + 7}
    one.trim(side, rooms[side] + 7 + 2)
    assert {name: one.room(name) for name in rooms} == rooms | {side: -2}
    top, bottom, left, right = one.digit
    assert one.ink.shape == one.print.shape
    assert one.ink[max(top, 0) : bottom, max(left, 0) : right].all()
    assert one.ink.sum() == one.ink[max(top, 0) : bottom, max(left, 0) : right].size


def test_half_of_a_digit_stays_whatever_is_trimmed_at_a_side_and_some_of_it_at_both():
    one = sheet()
    one.trim("left", 100)
    assert one.ink.any()
    assert one.room("left") == -5
    one.trim("right", 100)
    assert one.ink.any()


@pytest.mark.parametrize("shear", [-0.4, 0.5])
def test_a_sheet_that_leans_keeps_its_ink_and_knows_where_its_digit_is(shear):
    one = sheet()
    one.print[0, 5:9] = 1
    one.lean(shear)
    assert one.ink.shape == one.print.shape
    assert one.ink.sum() == pytest.approx(20 * 12, rel=0.03)
    top, bottom, left, right = one.digit
    assert (top, bottom) == (10, 30)
    assert right - left == pytest.approx(12 + 20 * abs(shear), abs=1.5)
    centres = [np.average(np.arange(one.ink.shape[1]), weights=row) for row in one.ink[10:30]]
    assert np.polyfit(np.arange(20), centres, 1)[0] == pytest.approx(-shear, abs=0.02)
    # The print leans along: from the row of the digit's middle up it moves by the same amount.
    moved = np.average(np.arange(one.print.shape[1]), weights=one.print[0]) - 6.5
    assert moved - (centres[0] - 13.5) == pytest.approx(10 * shear, abs=0.5)


def row_of(ink: Levels, seed: int) -> Sheet:
    one = Sheet(
        np.pad(ink, 8),
        np.zeros((len(ink) + 16, ink.shape[1] + 16), np.float32),
        float(len(ink)),
        2.0,
        (8, 8 + len(ink), 8, 8 + ink.shape[1]),
        0.8,
    )
    HAZARDS["in a row"](one, np.random.default_rng(seed))
    return one


def test_the_digits_of_a_row_are_of_one_pen():
    ink = np.zeros((40, 26), np.float32)
    ink[:, :4] = ink[:, -4:] = ink[:4] = ink[-4:] = 1  # a pen of 4 pixels
    others = [row_of(ink, seed).print > 0.5 for seed in range(60)]
    # What is left of the neighbours once the digit is cut out.
    pens = [pen_width(other) for other in others if other.sum() > 100]
    assert len(pens) >= 15
    assert 3 < np.median(pens) < 5


def test_a_neighbour_in_a_row_hides_less_than_half_of_a_digit(monkeypatch):
    monkeypatch.setattr(hazards, "security", lambda sheet, rng: None)  # its rules may hide more
    bar = np.ones((40, 5), np.float32)
    hidden = []
    for seed in range(150):
        one = row_of(bar, seed)
        inked = one.ink > 0.5
        hidden.append(np.count_nonzero(inked & (one.print > 0.5)) / np.count_nonzero(inked))
    assert 0.2 < max(hidden) < 0.75  # there may be one at each side


def test_blur_keeps_the_mean_and_spreads():
    levels = np.zeros((41, 41), np.float32)
    levels[20, 20] = 1
    blurred = blurred_by(levels, 2.0)
    assert blurred.sum() == pytest.approx(1, abs=1e-3)
    rows = np.arange(41) - 20
    assert np.sqrt((blurred.sum(axis=1) * rows**2).sum()) == pytest.approx(2, rel=0.05)


def test_the_contact_sheet_has_a_row_for_each_hazard():
    page = contact_sheet(columns=3)
    assert page.width > 3 * 80
    assert page.height > len(HAZARDS) * 80
    assert np.ptp(np.asarray(page)) > 200


def test_every_hazard_is_drawn_as_it_was_when_the_weights_were_trained():
    rows = {
        f"{hazard}{', held out' if held_out else ''}": [
            255 - np.asarray(Image.fromarray(picture).resize((24, 24), Image.Resampling.BOX))
            for picture in generate(8, 3, hazard, held_out=held_out).pictures
        ]
        for hazard in HAZARDS
        for held_out in (False, True)
    }
    assert_as_committed(Path(__file__).with_name("hazards.png"), rows)
