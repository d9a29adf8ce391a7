from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sheets import assert_as_committed, reduced, rng_for

from model.drawn.digits.styles import IN_NUMBERS
from model.drawn.digits.writer import digits
from model.drawn.generator import Purpose
from model.drawn.numbers.pictures import KINDS, picture
from model.drawn.numbers.sprites import (
    BOX,
    HEIGHT,
    NOT_A_DIGIT,
    OF_A_WRITER,
    Sprites,
    frame_sprites,
    other_sprites,
    pen_sprites,
)
from model.drawn.numbers.strips import GAPS, LONGEST, ROWS, Pool, Shares, StripMaker
from model.frame.numbers.strip import frame_strip


@pytest.fixture(scope="module")
def pen():
    return pen_sprites(12, 1, processes=1)


@pytest.fixture(scope="module")
def others():
    return other_sprites(60, 1, processes=1)


@pytest.fixture
def maker(pen, others):
    return StripMaker([Pool(pen, 1.0, 1.0)], others, np.random.default_rng(2))


def test_every_writer_draws_every_digit_twice(pen):
    assert pen.ink.shape == (12 * OF_A_WRITER, *BOX)
    for writer in pen.writers:
        np.testing.assert_array_equal(np.bincount(pen.labels[writer]), np.full(10, 2))


def test_sprites_are_cut_to_their_ink_and_about_as_high_as_a_digit(pen):
    for index in range(len(pen.ink)):
        sprite = pen.cut(index)
        assert sprite[[0, -1]].max() > 0
        assert sprite[:, [0, -1]].max() > 0
        assert pen.ink[index].sum() == sprite.sum()
    assert 0.7 * HEIGHT < np.median(pen.sizes[:, 0]) < 1.4 * HEIGHT


def test_a_pool_depends_on_its_seed_alone(pen):
    np.testing.assert_array_equal(pen_sprites(12, 1, processes=2).ink, pen.ink)
    assert (pen_sprites(12, 2, processes=1).ink != pen.ink).any()


def test_styles_held_out_are_others(pen):
    held_out = pen_sprites(12, 1, held_out=True, processes=1)
    assert held_out.ink.shape == pen.ink.shape
    assert (held_out.ink != pen.ink).any(axis=(1, 2)).mean() > 0.9


def test_who_writes_in_haste_writes_as_among_other_digits_more_often(monkeypatch):
    drawn = []

    def sprite(self, style, rng):
        drawn.append(style.name in IN_NUMBERS)
        return np.full((30, 10), 255, np.uint8)

    monkeypatch.setattr("model.drawn.numbers.sprites._Writer.sprite", sprite)
    shares = []
    for in_haste in (False, True):
        drawn.clear()
        pen_sprites(20, 1, in_haste=in_haste, processes=1)
        shares.append(np.mean(drawn))
    with_care, in_haste = shares
    assert 0.05 < with_care < 0.2
    assert 0.3 < in_haste < 0.6


def test_a_pool_is_drawn_from_as_often_as_it_is_to_be_on_a_canvas_or_on_paper(pen, others):
    sevens, eights = (pen._replace(labels=np.full_like(pen.labels, digit)) for digit in (7, 8))
    pools = [Pool(sevens, 1.0, 0.0), Pool(eights, 0.0, 1.0)]
    for paper, digit in ((0.0, 7), (1.0, 8)):
        shares = Shares(other=0.0, paper=paper, other_on_paper=0.0)
        maker = StripMaker(pools, others, np.random.default_rng(2), shares)
        texts = maker.strips(20, 96, np.random.default_rng(3)).texts
        assert set(texts[texts >= 0].tolist()) == {digit}


def test_what_is_no_digit_says_so(others):
    assert (others.labels == NOT_A_DIGIT).all()
    assert others.writers.shape[1] == OF_A_WRITER


def test_framed_digits_become_sprites_with_those_of_like_pens_together():
    frames = np.zeros((400, 28, 28), np.uint8)
    for index, frame in enumerate(frames):
        half = 1 + index % 4  # bars 2 to 8 pixels wide
        frame[4:24, 14 - half : 14 + half] = 255
    sprites = frame_sprites(frames, np.arange(400) % 10, np.random.default_rng(0))
    assert sprites.sizes[sprites.labels != 0, 0].min() > 0.7 * HEIGHT
    np.testing.assert_array_equal(np.unique(np.arange(400)[sprites.writers[0]] % 4), [0, 1])


def test_zeros_of_half_the_writers_are_low_and_round(pen):
    heights, widths = pen.sizes[:, 0], pen.sizes[:, 1]
    zeros = pen.labels == 0
    low = zeros & (heights < 0.75 * np.median(heights[~zeros]))
    assert 0.15 < low[zeros].mean() < 0.7
    high = zeros & ~low
    assert np.median(widths[low] / heights[low]) > 1.1 * np.median(widths[high] / heights[high])


def test_some_numbers_end_in_zeros_as_amounts_do(maker):
    strips = maker.strips(400, 144, np.random.default_rng(11))
    texts = [text[text >= 0].tolist() for text in strips.texts]
    ends = [text[-2:] == [0, 0] for text in texts if len(text) > 2]
    assert 0.04 < np.mean(ends) < 0.25  # one in a hundred by chance


@pytest.mark.parametrize("width", [48, 120, 240])
def test_strips_hold_their_text_in_columns_enough(maker, width):
    strips = maker.strips(200, width, np.random.default_rng(3))
    assert strips.ink.shape == (200, ROWS, width)
    assert strips.ink.dtype == np.uint8
    assert strips.texts.shape == (200, LONGEST)
    is_sign = strips.texts >= 0
    lengths = is_sign.sum(axis=1)
    np.testing.assert_array_equal(is_sign, np.arange(LONGEST) < lengths[:, np.newaxis])
    repeats = ((strips.texts[:, 1:] == strips.texts[:, :-1]) & is_sign[:, 1:]).sum(axis=1)
    assert (lengths + repeats).max() <= width // 4
    assert (strips.ink.max(axis=(1, 2))[lengths > 0] > 50).all()


def test_equal_digits_leave_a_column_for_the_blank_between_them(pen, others):
    thin = Sprites(
        pen.ink[:, :, :2], np.minimum(pen.sizes, (30, 2)), np.zeros_like(pen.labels), pen.writers
    )
    maker = StripMaker([Pool(thin, 1.0, 1.0)], others, np.random.default_rng(2), Shares(0.0, 0.0))
    strips = maker.strips(60, 48, np.random.default_rng(4))
    lengths = (strips.texts >= 0).sum(axis=1)
    assert lengths.max() == 6  # of 12 columns


def test_rows_that_lean_are_not_cut_off(pen, others, monkeypatch):
    """Ink would lie in a strip's first and last columns if the lean had been forgotten."""
    monkeypatch.setattr("model.drawn.numbers.strips.LEANING", 1.0)
    maker = StripMaker([Pool(pen, 1.0, 1.0)], others, np.random.default_rng(2), Shares(0.0, 0.0))
    strips = maker.strips(200, 120, np.random.default_rng(4))
    assert strips.ink[:, :, [0, -1]].max() < 128
    assert strips.ink.any(axis=1)[:, 2:8].any(axis=1).all()


def test_the_same_generator_gives_the_same_strips(maker):
    a, b = (maker.strips(40, 96, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(a.ink, b.ink)
    np.testing.assert_array_equal(a.texts, b.texts)


def test_a_strip_without_a_number_has_no_text(pen, others):
    maker = StripMaker(
        [Pool(pen, 1.0, 1.0)],
        others,
        np.random.default_rng(2),
        Shares(other=1.0, other_on_paper=1.0),
    )
    strips = maker.strips(50, 96, np.random.default_rng(6))
    assert (strips.texts == -1).all()
    assert strips.ink.any(axis=(1, 2)).all()


def test_strips_of_paper_are_as_crisp_as_those_of_pictures(pen, others):
    shares = Shares(other=0.0, paper=1.0, other_on_paper=0.0)
    maker = StripMaker([Pool(pen, 1.0, 1.0)], others, np.random.default_rng(2), shares)
    rng = np.random.default_rng(9)

    def softness(inks):
        """Grey pixels for each that is dark."""
        dark = [max((ink >= 128).sum(), 1) for ink in inks]
        grey = [((ink > 25) & (ink < 230)).sum() for ink in inks]
        return np.median(np.divide(grey, dark))

    of_pictures = [frame_strip(picture("paper", maker, rng)[0]).ink for _ in range(100)]
    drawn = maker.strips(200, 120, rng).ink
    assert softness(of_pictures) / 2 < softness(drawn) < 2 * softness(of_pictures)


def test_gaps_are_as_they_are_named(maker):
    rng = np.random.default_rng(7)

    def width_of_a_digit(name):
        rows = [maker.row(240, False, rng, gaps=GAPS[name], is_number=True) for _ in range(60)]
        return np.mean([(row.right - row.left) / len(row.text) for row in rows])

    assert width_of_a_digit("touching") < width_of_a_digit("close") < width_of_a_digit("apart")


@pytest.fixture(scope="module")
def maker_of_all(pen, others):
    """Strips of drawn hands, with care and in haste, and of framed digits."""
    frames = [
        (subject.frame(rng_for(f"{subject.name} {sample}")), subject.label)
        for subject in digits(Purpose.TRAINING)
        for sample in range(4)
    ]
    framed = frame_sprites(
        np.array([frame for frame, _ in frames]),
        np.array([label for _, label in frames]),
        np.random.default_rng(3),
    )
    in_haste = pen_sprites(12, 1, in_haste=True, processes=1)
    pools = [Pool(pen, 0.6, 0.3), Pool(in_haste, 0.1, 0.3), Pool(framed, 0.3, 0.4)]
    return StripMaker(pools, others, np.random.default_rng(2))


def test_strips_are_drawn_as_they_were_when_the_weights_were_trained(maker_of_all):
    strips = maker_of_all.strips(160, 120, np.random.default_rng(5))
    rows = {
        str(first): [reduced(ink) for ink in strips.ink[first : first + 8]]
        for first in range(0, 160, 8)
    }
    assert_as_committed(Path(__file__).with_name("strips.png"), rows)
    said = ["".join(map(str, text[text >= 0])) for text in strips.texts[:8]]
    wanted = ["1737", "8470", "5062", "5096293364", "905559009", "788", "1600", ""]
    assert said == wanted


def test_pictures_of_numbers_are_drawn_as_they_were_when_the_weights_were_trained(maker_of_all):
    texts = {
        "apart": "781 25470099 680549 6821 76381 40 7345 27",
        "close": "85847793 2805571 36316 6 065 8507549471 847347 862089",
        "touching": "45 9741 55883 22525701287 330 9163701482 9190670 22104403",
        "paper": "83000 9193 488 637363414444 487 8542161 39 7661607149",
        "other": "       ",
    }
    rows = {}
    for kind in KINDS:
        rng = rng_for(kind)
        drawn = [picture(kind, maker_of_all, rng) for _ in range(8)]
        assert " ".join(text for _, text in drawn) == texts[kind]
        rows[kind] = [
            255 - np.asarray(Image.fromarray(grey).resize((100, 40), Image.Resampling.BOX))
            for grey, _ in drawn
        ]
    assert_as_committed(Path(__file__).with_name("pictures.png"), rows)
