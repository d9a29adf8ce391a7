"""Digits on paper are what their seed says, and a sheet keeps track of where its digit is."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sheets import assert_as_committed

from model.drawn.papers.generator import contact_sheet, generate
from model.drawn.papers.hazards import HAZARDS, Sheet, blurred_by


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
