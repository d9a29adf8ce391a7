"""Digits drawn by code: what they hold, that they repeat, and that they can be framed."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sheets import assert_as_committed, drawn_by

from model.drawn.digits.styles import HELD_OUT, IN_NUMBERS, TRAINING
from model.drawn.digits.writer import digits, draw
from model.drawn.generator import Purpose, generate
from model.frame.preprocess import frame_as_pixels, frame_drawing
from model.weights import load_weights

EVERY_STYLE = [*TRAINING.values(), *IN_NUMBERS.values(), *HELD_OUT.values()]


@pytest.fixture(scope="module")
def many():
    return generate(digits, 2000, seed=5, processes=1)


def test_the_digits_are_equally_common_and_every_style_is_drawn(many):
    assert np.bincount(many.labels, minlength=10) == pytest.approx(200, abs=60)
    assert set(many.names.tolist()) == set(TRAINING)


def test_common_styles_are_drawn_more_often(many):
    names = many.names.tolist()
    assert names.count("seven_crossed") > names.count("seven_tailed")


def test_a_style_is_for_training_or_for_numbers_or_held_out():
    assert len({style.name for style in EVERY_STYLE}) == len(EVERY_STYLE)
    assert len({style.draw for style in EVERY_STYLE}) == len(EVERY_STYLE)
    assert len(EVERY_STYLE) == len(TRAINING | IN_NUMBERS | HELD_OUT)
    with pytest.raises(KeyError):
        digits(Purpose.LOOKALIKE)


def test_every_digit_is_written_in_several_ways_and_one_is_held_out():
    for digit in range(10):
        assert sum(style.digit == digit for style in TRAINING.values()) >= 6
        assert any(style.digit == digit for style in HELD_OUT.values())


@pytest.mark.parametrize("style", EVERY_STYLE, ids=lambda style: style.name)
def test_every_style_stays_on_its_canvas_and_fills_its_frame(style):
    rng = np.random.default_rng(4)
    for _ in range(12):
        picture = draw(style, rng)
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert (border == 255).all()
        ink = frame_as_pixels(picture)
        rows, columns = np.nonzero(ink > 50)
        assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
        assert 0.01 < ink.mean() / 255 < 0.4


@pytest.fixture(scope="module")
def recognizer(weights_path):
    return load_weights(weights_path)


@pytest.mark.parametrize(
    "style", [*TRAINING.values(), *HELD_OUT.values()], ids=lambda style: style.name
)
def test_what_a_style_draws_is_read_as_its_digit(style, recognizer):
    rng = np.random.default_rng(6)
    frames = np.array([frame_drawing(draw(style, rng)).frame for _ in range(16)])
    reading = recognizer.read(frames)
    assert (reading.probabilities.argmax(axis=1) == style.digit).sum() >= 15
    assert (reading.is_digit > 0.5).sum() >= 14


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


def test_every_style_is_drawn_as_it_was_when_the_weights_were_trained():
    def pixels(style, rng):
        return frame_as_pixels(draw(style, rng))

    rows = {style.name: drawn_by(partial(pixels, style), style.name, 8) for style in EVERY_STYLE}
    assert_as_committed(Path(__file__).with_name("styles.png"), rows)
