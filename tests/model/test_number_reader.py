import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.drawn.digits.styles import IN_NUMBERS, TRAINING
from model.drawn.digits.writer import draw
from model.errors import EmptyDrawing, WeightsError
from model.frame.numbers.pieces import tall_spans
from model.frame.numbers.strip import frame_strip
from model.nn.ctc_decoding import likeliest_texts
from model.nn.losses import log_softmax
from model.number_reader import COLUMN, LONGEST, NumberReader
from model.weights import load_numbers, load_weights

WEIGHTS = Path(__file__).parents[2] / "weights"


@pytest.fixture(scope="module")
def reader():
    return load_numbers(WEIGHTS / "numbers.npz", load_weights(WEIGHTS / "digits.npz"))


def digit(value, seed, height=90):
    """A digit drawn by code, cut to its ink, dark on light."""
    names = {0: "zero_oval", 1: "one_bar"}
    styles = [style for style in TRAINING.values() if style.digit == value]
    style = TRAINING.get(names.get(value, ""), max(styles, key=lambda style: style.weight))
    picture = draw(style, np.random.default_rng(seed))
    rows, columns = (
        np.flatnonzero((picture < 128).any(axis=1)),
        np.flatnonzero((picture < 128).any(axis=0)),
    )
    cut = Image.fromarray(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return cut.resize((max(8, round(cut.width * height / cut.height)), height))


def number(text, *, gap=30, margin=40, seed=0):
    """A picture of a number, and the box of each digit: left, top, right, bottom."""
    digits = [digit(int(value), seed + i) for i, value in enumerate(text)]
    width = 2 * margin + sum(one.width for one in digits) + gap * (len(digits) - 1)
    picture = Image.new("L", (width, 90 + 2 * margin), 255)
    boxes, left = [], margin
    for one in digits:
        picture.paste(one, (left, margin))
        boxes.append((left, margin, left + one.width, margin + 90))
        left += one.width + gap
    return np.asarray(picture), boxes


@pytest.mark.parametrize("style", IN_NUMBERS.values(), ids=lambda style: style.name)
def test_what_is_a_digit_only_among_others_is_read_between_two(reader, style):
    right = 0
    for seed in range(8):
        picture = draw(style, np.random.default_rng(seed))
        rows, columns = ((picture < 128).any(axis=axis).nonzero()[0] for axis in (1, 0))
        cut = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        image = Image.fromarray(cut)
        image = image.resize((max(8, round(image.width * 90 / image.height)), 90))
        parts = [np.asarray(one) for one in (digit(7, seed), image, digit(3, seed))]
        row = np.hstack([np.pad(one, ((40, 40), (12, 12)), constant_values=255) for one in parts])
        right += reader.read(row).number == f"7{style.digit}3"
    assert right >= 7


@pytest.mark.parametrize("value", [0, 1, 7, 8])
def test_a_lone_digit_has_its_probability_and_two_have_none(reader, value):
    picture, _ = number(str(value))
    lone = reader.lone_digit(picture)
    assert lone.shape == (10,)
    assert lone.argmax() == value
    assert 0.9 < lone.sum() <= 1
    assert reader.lone_digit(number(f"{value}{value}")[0]).sum() < 0.3
    two_lines = np.concatenate([picture, picture])
    assert reader.lone_digit(two_lines).sum() == 0


def test_in_doubt_a_lone_digit_has_the_mean_of_all_networks(reader):
    each = [replace(reader, network=one, behind=()) for one in (reader.network, *reader.behind)]
    assert len(each) == 3
    sure, doubtful = number("8")[0], number("11")[0]
    np.testing.assert_array_equal(reader.lone_digit(sure), each[0].lone_digit(sure))
    mean = np.mean([one.lone_digit(doubtful) for one in each], axis=0)
    np.testing.assert_allclose(reader.lone_digit(doubtful), mean, atol=1e-5)


def test_networks_behind_are_heard_in_doubt_and_only_then(reader):
    alone = replace(reader, behind=())
    sure, doubtful = number("1742")[0], number("1742", gap=-8)[0]
    assert reader.read(sure).confidence == alone.read(sure).confidence
    assert reader.read(doubtful).confidence != alone.read(doubtful).confidence


@pytest.mark.parametrize(("seen", "asked"), [(False, 0), (True, 1)])
def test_on_paper_the_first_network_must_be_surer(reader, monkeypatch, seen, asked):
    strip = frame_strip(number("1742")[0])
    assert not strip.seen
    log_p = reader.log_probabilities(strip.ink)
    share = next(
        share
        for share in np.linspace(1, 0.3, 200)
        if likeliest_texts(log_softmax(share * log_p))[0][1] < np.log(0.975)
    )
    asks, ask = [], NumberReader.log_probabilities

    def counted(self, ink, which=0):
        asks.append(which)
        return ask(self, ink, which)

    monkeypatch.setattr(NumberReader, "log_probabilities", counted)
    reader.candidates(strip._replace(seen=seen), log_softmax(share * log_p))
    assert len(asks) == asked


@pytest.mark.parametrize(
    ("first_says", "share", "asked"), [("1742", 1, 1), ("1742", 0.35, 2), ("1247", 1, 5)]
)
def test_a_doubt_ends_where_one_is_sure_of_what_all_said_or_all_say_the_same(
    reader, monkeypatch, first_says, share, asked
):
    strip = frame_strip(number("1742")[0])
    log_p = log_softmax(0.35 * reader.log_probabilities(strip.ink))
    if first_says == "1247":
        log_p[:, [2, 7]] = log_p[:, [7, 2]]
    first, log_first = likeliest_texts(log_p)[0]
    assert "".join(map(str, first)) == first_says
    assert log_first < np.log(0.98)
    asks, ask = [], NumberReader.log_probabilities

    def counted(self, ink, which=0):
        asks.append(which)
        return log_softmax(share * ask(self, ink, which))

    monkeypatch.setattr(NumberReader, "log_probabilities", counted)
    assert reader.candidates(strip, log_p)[0][0] == (1, 7, 4, 2)
    assert len(asks) == asked  # of five: two networks behind the first, and all three, smaller


@pytest.mark.parametrize("text", ["1742", "0", "2007", "35", "908", "66666"])
def test_numbers_are_read_with_a_box_for_each_digit(reader, text):
    picture, boxes = number(text)
    reading = reader.read(picture)
    assert (reading.number, reading.verdict, reading.inverted) == (text, "number", True)
    assert [one.digit for one in reading.digits] == [int(value) for value in text]
    assert reading.ignored == []
    for one, box in zip(reading.digits, boxes, strict=True):
        np.testing.assert_allclose(one.box, box, atol=6)
        np.testing.assert_allclose(one.probabilities.sum(), 1, atol=1e-6)
        assert one.probabilities.argmax() == one.digit
        assert one.confidence == one.probabilities[one.digit]


def test_a_number_that_says_nothing_of_a_tall_piece_of_ink_is_put_behind_one_that_does(reader):
    strip = frame_strip(number("471")[0])
    columns = strip.ink.shape[1] // COLUMN
    log_p = np.full((columns, 11), -12.0)
    log_p[:, 10] = 0
    places = [round((left + right) / 2 / COLUMN) for left, right in sorted(tall_spans(strip))]
    for place, value, probability in zip(places, (4, 7, 1), (0.02, 0.999, 0.999), strict=True):
        log_p[place, value], log_p[place, 10] = np.log([probability, 1 - probability])
    assert likeliest_texts(log_p)[0][0] == (7, 1)
    assert reader.candidates(strip, log_p)[0][0] == (4, 7, 1)
    assert replace(reader, digits=None).candidates(strip, log_p)[0][0] == (4, 7, 1)


@pytest.mark.parametrize("beside", ["left", "right"])
def test_a_tall_sign_that_is_left_out_makes_a_number_unsure(reader, beside):
    picture, _ = number("35")
    sign = np.full((picture.shape[0], 100), 255, np.uint8)
    pen = Image.fromarray(sign)
    ImageDraw.Draw(pen).line([(20, 130), (20, 40), (50, 85), (80, 40), (80, 130)], 0, 8)  # an M
    parts = [np.asarray(pen), picture]
    reading = reader.read(np.hstack(parts if beside == "left" else parts[::-1]))
    if reading.number == "35":
        assert len(reading.ignored) == 1
    assert reading.verdict != "number"


def test_alternatives_begin_with_the_number_and_do_not_exceed_certainty(reader):
    picture, _ = number("1742", gap=2, seed=4)
    reading = reader.read(picture)
    first, *others = reading.alternatives
    assert (first.number, first.probability) == (reading.number, reading.confidence)
    assert sum(one.probability for one in reading.alternatives) <= 1 + 1e-9
    probabilities = [one.probability for one in others]
    assert probabilities == sorted(probabilities, reverse=True)


def test_light_ink_on_dark_paper_is_read_alike(reader):
    picture, _ = number("384")
    reading = reader.read(255 - picture)
    assert (reading.number, reading.inverted) == ("384", False)


def test_a_length_that_is_known_is_kept_to(reader):
    picture, _ = number("1742")
    for length in (1, 2, 3, 4, 5, LONGEST):
        assert len(reader.read(picture, length).number) == length
    assert reader.read(picture, 4).number == "1742"
    for length in (0, -1, LONGEST + 1):
        with pytest.raises(ValueError, match="1 to 20 digits"):
            reader.read(picture, length)


@pytest.mark.parametrize("text", ["1", "7", "402"])
@pytest.mark.parametrize("margin", [0, 40])
def test_a_length_that_does_not_fit_is_kept_to_and_doubted(reader, text, margin):
    """However narrow the picture is: no room for so many digits was a fault of the service."""
    picture, _ = number(text, margin=margin)
    height, width = picture.shape
    for length in range(len(text) + 2, LONGEST + 1):
        reading = reader.read(picture, length)
        assert len(reading.number) == length
        assert reading.verdict != "number"
        for one in reading.digits:
            assert 0 <= one.box.left < one.box.right <= width
            assert 0 <= one.box.top < one.box.bottom <= height


def test_full_stops_are_ignored_and_their_boxes_told(reader):
    picture, boxes = number("25", gap=60)
    marked = picture.copy()
    left = boxes[0][2] + 25
    marked[120:130, left : left + 10] = 0
    reading = reader.read(marked)
    assert reading.number == "25"
    (ignored,) = reading.ignored
    np.testing.assert_allclose(ignored, (left, 120, left + 10, 130), atol=6)


def test_two_lines_are_never_a_number(reader):
    one, _ = number("17")
    other, _ = number("42", seed=3)
    width = max(one.shape[1], other.shape[1])
    lines = [
        np.pad(x, ((0, 0), (0, width - x.shape[1])), constant_values=255) for x in (one, other)
    ]
    assert reader.read(np.concatenate(lines)).verdict == "unsure"


def test_a_scribble_is_no_number(reader):
    rng = np.random.default_rng(0)
    points = rng.integers(20, 280, (40, 2))
    picture = Image.new("L", (300, 300), 255)
    from PIL import ImageDraw

    ImageDraw.Draw(picture).line([tuple(point) for point in points.tolist()], fill=0, width=6)
    assert reader.read(np.asarray(picture)).verdict != "number"


def test_an_empty_picture_is_refused(reader):
    with pytest.raises(EmptyDrawing):
        reader.read(np.full((100, 100), 255, np.uint8))


def test_threads_share_a_reader(reader):
    pictures = [number(text)[0] for text in ("7", "31", "2486", "905713")]
    alone = [reader.read(picture) for picture in pictures]
    wrong = []

    def read():
        for _ in range(5):
            for picture, expected in zip(pictures, alone, strict=True):
                reading = reader.read(picture)
                if (reading.number, reading.confidence) != (expected.number, expected.confidence):
                    wrong.append((reading, expected))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_file_of_the_other_kind_is_refused():
    with pytest.raises(WeightsError, match="another task than numbers"):
        load_numbers(WEIGHTS / "digits.npz")
    with pytest.raises(WeightsError, match="another task than single digits"):
        load_weights(WEIGHTS / "numbers.npz")


def test_a_lone_sign_that_the_digits_network_takes_for_none_is_no_number(reader):
    class Denying:
        """Reads like the digits' network, and takes nothing for a digit."""

        digest = ""

        def read(self, frames):
            reading = reader.digits.read(frames)
            return reading._replace(is_digit=np.full_like(reading.is_digit, 0.1))

    lone, _ = number("8")
    two, _ = number("82")
    denied = replace(reader, digits=Denying())
    assert reader.read(lone).verdict == "number"
    assert denied.read(lone).verdict == "unsure"
    assert reader.read(two).verdict == denied.read(two).verdict == "number"
