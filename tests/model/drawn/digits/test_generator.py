"""Digits drawn from code: what they hold, that they repeat, and that they can be framed."""

import numpy as np
import pytest

from model.drawn.digits.generator import contact_sheet, draw, generate
from model.drawn.digits.styles import HELD_OUT, TRAINING
from model.drawn.parallel import CHUNK
from model.frame.pixels import framed

EVERY_STYLE = [*TRAINING.values(), *HELD_OUT.values()]


@pytest.fixture(scope="module")
def many():
    return generate(3000, seed=5, processes=1)


def test_shapes_types_and_names(many):
    assert many.frames.dtype == np.uint8
    assert many.frames.shape == (3000, 28, 28)
    assert many.labels.dtype == np.int64
    assert many.styles.shape == many.labels.shape == (3000,)
    for style, label in zip(many.styles[:500], many.labels[:500], strict=True):
        assert TRAINING[str(style)].digit == label


def test_the_digits_are_equally_common_and_every_style_is_drawn(many):
    assert np.bincount(many.labels, minlength=10) == pytest.approx(300, abs=80)
    assert set(many.styles.tolist()) == set(TRAINING)


def test_common_styles_are_drawn_more_often(many):
    names = many.styles.tolist()
    assert names.count("seven_crossed") > names.count("seven_tailed")


def test_every_digit_is_written_in_several_ways_and_one_is_held_out():
    for digit in range(10):
        assert sum(style.digit == digit for style in TRAINING.values()) >= 6
        assert any(style.digit == digit for style in HELD_OUT.values())


def test_training_never_draws_a_held_out_style(many):
    assert not TRAINING.keys() & HELD_OUT.keys()
    assert {style.draw for style in TRAINING.values()}.isdisjoint(
        style.draw for style in HELD_OUT.values()
    )
    held_out = generate(300, seed=5, held_out=True, processes=1)
    assert set(held_out.styles.tolist()) == set(HELD_OUT)
    assert not set(many.styles.tolist()) & set(HELD_OUT)


def test_the_number_of_processes_changes_nothing():
    count = 2 * CHUNK + 17
    alone = generate(count, seed=9, processes=1)
    together = generate(count, seed=9, processes=2)
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one, other)


def test_the_seed_changes_everything():
    first, second = generate(50, seed=1, processes=1), generate(50, seed=2, processes=1)
    assert not np.array_equal(first.frames, second.frames)
    assert not np.array_equal(first.labels, second.labels)


def test_progress_counts_to_the_end():
    calls = []
    generate(
        CHUNK + 1, seed=3, processes=1, progress=lambda done, total: calls.append((done, total))
    )
    assert calls == [(CHUNK, CHUNK + 1), (CHUNK + 1, CHUNK + 1)]


def test_none_at_all():
    nothing = generate(0, seed=0)
    assert nothing.frames.shape == (0, 28, 28)
    assert nothing.labels.shape == nothing.styles.shape == (0,)


@pytest.mark.parametrize("style", EVERY_STYLE, ids=lambda style: style.name)
def test_every_style_stays_on_its_canvas_and_fills_its_frame(style):
    rng = np.random.default_rng(4)
    for _ in range(12):
        picture = draw(style, rng)
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert (border == 255).all()
        ink = framed(picture)
        rows, columns = np.nonzero(ink > 50)
        assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
        assert 0.01 < ink.mean() / 255 < 0.4


def test_pens_range_from_hair_thin_to_marker():
    rng = np.random.default_rng(8)
    widths = []
    for _ in range(200):
        picture = draw(TRAINING["one_bar"], rng)
        rows, columns = np.nonzero(picture < 128)
        length = np.hypot(np.ptp(rows) + 1, np.ptp(columns) + 1)
        widths.append((255.0 - picture).sum() / 255 / length**2)
    assert min(widths) < 0.05
    assert max(widths) > 0.17


@pytest.mark.parametrize("as_frames", [True, False])
def test_the_contact_sheet_shows_every_style_of_its_digits(as_frames):
    sheet = contact_sheet(digits=[3], columns=2, as_frames=as_frames)
    rows = sum(style.digit == 3 for style in TRAINING.values())
    assert sheet.height == rows * 84
    tiles = np.asarray(sheet)[:, -168:].reshape(rows, 84, 2, 84)
    assert (tiles.min(axis=(1, 3)) < 128).all()
    assert contact_sheet(held_out=True, columns=1).height == len(HELD_OUT) * 84
