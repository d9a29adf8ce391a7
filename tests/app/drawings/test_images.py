import io
import struct
import time

import numpy as np
import pytest
from nasty import (
    REFUSED,
    encoded,
    jpeg_of_many_scans,
    nasty_files,
    pictures,
    png,
    png_chunk,
    seven,
    split_png,
)
from PIL import Image

from app.drawings.containers import open_container
from app.drawings.images import decode_picture, open_picture
from app.errors import Problem
from app.settings import Settings
from benchmarks.clients.costly import bmp_of_run_lengths
from model.frame.decoding import decode as decode_file
from model.frame.preprocess import EmptyDrawing, frame_drawing

SETTINGS = Settings()
WANTED = frame_drawing(np.asarray(seven())).frame
SLOW_SECONDS = 1.5  # no file of the corpus may cost more, on a machine that is busy too


def decode(data: bytes, settings: Settings = SETTINGS) -> np.ndarray:
    return decode_picture(open_picture(data, settings), settings)


def jpeg_of(width: int, height: int, mode: str = "RGB", **options: bool) -> bytes:
    """A JPEG of one small picture whose header says that it is larger: no more is looked at."""
    data = encoded(Image.new(mode, (16, 16)), "JPEG", **options)
    frame = b"\xff\xc2" if options else b"\xff\xc0"
    start = data.index(frame) + 5
    return data[:start] + struct.pack(">HH", height, width) + data[start + 4 :]


@pytest.mark.parametrize("data", [pytest.param(d, id=n) for n, d in pictures()])
def test_the_same_drawing_in_every_format_has_the_same_frame(data):
    frame = frame_drawing(decode(data)).frame
    # Lossy formats and other sizes move greys a little; ink in another place would move them all.
    assert np.abs(frame - WANTED).mean() < 0.02


@pytest.mark.parametrize(
    ("data", "allowed"), [pytest.param(d, a, id=n) for n, d, a in nasty_files()]
)
def test_nasty_files_are_refused_or_read_and_never_slow(data, allowed):
    start = time.process_time()
    try:
        frame_drawing(decode(data))
        status = 200
    except Problem as problem:
        status = problem.status
    except EmptyDrawing:
        status = 422
    assert status in allowed
    assert time.process_time() - start < SLOW_SECONDS


@pytest.mark.parametrize("data", [pytest.param(d, id=n) for n, d in pictures()])
def test_the_size_is_told_that_the_decoder_finds(data):
    found = open_container(data, SETTINGS.image_blocks)
    assert found is not None
    with Image.open(io.BytesIO(data)) as image:
        assert (found.width, found.height) == image.size


@pytest.mark.parametrize("data", [pytest.param(d, id=n) for n, d in pictures()])
def test_a_file_and_a_body_become_the_same_grey(data, tmp_path):
    # What is left out of a body before it is decoded must not have said how to decode it.
    (tmp_path / "picture").write_bytes(data)
    with Image.open(tmp_path / "picture") as picture:
        np.testing.assert_array_equal(decode_file(picture), decode(data))


def test_what_is_not_needed_is_left_out_before_decoding():
    head, rest = split_png(encoded(seven(), "PNG"))
    container = open_container(head + png_chunk(b"tEXt", b"k\0" + b"x" * 1000) + rest, 100)
    assert container is not None
    assert container.data == head + rest


def test_only_the_first_frame_is_kept():
    frames = [Image.new("L", (28, 28), 255)] * 3
    for kind in ("GIF", "PNG"):
        data = encoded(seven(28), kind, save_all=True, append_images=frames)
        container = open_container(data, 1000)
        assert container is not None
        with Image.open(io.BytesIO(container.data)) as image:
            assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize(
    ("data", "settings", "said"),
    [
        (png(5000, 5000), Settings(), "5000 x 5000 pixels; at most 16777216"),
        (png(20000, 10), Settings(), "16384 a side"),
        (png(40, 40), Settings(image_pixels=1000), "at most 1000"),
        (png(3000, 3000, depth=16, colour=6), Settings(), "at most 8388608 of these are read"),
        (png(3000, 3000, depth=16, colour=2), Settings(), "16 bits in each colour"),
        (png(3000, 3000, depth=16, colour=4), Settings(), None),
        (png(3000, 3000, colour=6), Settings(decoding_bytes=2**20), "at most 209715 are read"),
        (
            encoded(Image.new("RGB", (3500, 3530)), "WEBP", method=0),
            Settings(),
            "at most 12336188 are read",
        ),
        (encoded(Image.new("RGB", (3500, 3520)), "WEBP", method=0), Settings(), None),
        (jpeg_of(8064, 6048), Settings(), None),
        (
            jpeg_of(8064, 6300),
            Settings(),
            "at most 50000000 in all and 16384 a side are read of a J",
        ),
        (jpeg_of(8064, 6048, "CMYK"), Settings(), "at most 41943040 are read of one that is coded"),
        (jpeg_of(8064, 6048, progressive=True), Settings(), "at most 29959314 are read of one"),
        (jpeg_of_many_scans(280, 50), Settings(), "at most 20 scans"),
        (jpeg_of_many_scans(2000, 11), Settings(scanned_pixels=1000), "1000 pixels in all"),
        (encoded(seven(), "PNG"), Settings(image_blocks=100), None),
        (
            b"GIF89a" + bytes(7) + b"\x21\xfe" + b"\1a" * 200,
            Settings(image_blocks=100),
            "100 blocks",
        ),
    ],
)
def test_each_limit_says_itself(data, settings, said):
    if said is None:
        open_picture(data, settings)
        return
    with pytest.raises(Problem) as refused:
        open_picture(data, settings)
    assert refused.value.status == 413
    assert said in refused.value.detail


def test_as_many_scans_as_the_limit_are_read():
    data = jpeg_of_many_scans(280, 5)
    found = open_container(data, SETTINGS.image_blocks)
    assert found is not None
    open_picture(data, Settings(image_scans=found.scans))
    with pytest.raises(Problem):
        open_picture(data, Settings(image_scans=found.scans - 1))


@pytest.mark.parametrize("compression", [1, 2])
def test_run_lengths_are_refused_before_they_are_decoded(compression):
    with pytest.raises(Problem) as refused:
        open_picture(bmp_of_run_lengths(16_384, 1024, compression), SETTINGS)
    assert refused.value.status == 415
    assert "run lengths" in refused.value.detail


@pytest.mark.parametrize("frame", [0xC3, 0xC9, 0xCA, 0xCB])
def test_rare_codes_of_jpeg_are_refused_before_they_are_decoded(frame):
    data = encoded(seven(), "JPEG").replace(b"\xff\xc0", bytes([0xFF, frame]), 1)
    with pytest.raises(Problem) as refused:
        open_picture(data, SETTINGS)
    assert refused.value.status == 415
    assert "arithmetic or lossless" in refused.value.detail


def test_a_second_header_cannot_say_otherwise():
    head, rest = split_png(encoded(seven(), "PNG"))
    second = split_png(png(4000, 4000, depth=16, colour=6))[0][8:]
    with pytest.raises(Problem) as refused:
        open_picture(head + second + rest, SETTINGS)
    assert refused.value.status == 400


def test_the_size_that_the_decoder_believes_is_checked_too():
    # A container that says 28 x 28 around a picture of 4000 x 4000, as a wrong walk would.
    large = open_picture(encoded(Image.new("1", (4000, 4000)), "PNG"), SETTINGS)
    lying = large._replace(width=28, height=28)
    with pytest.raises(Problem) as refused:
        decode_picture(lying, Settings(image_pixels=1_000_000))
    assert refused.value.status == 413


def test_a_problem_does_not_echo_the_file():
    with pytest.raises(Problem) as refused:
        open_picture(b"%PDF-secret", SETTINGS)
    assert refused.value.status in REFUSED
    assert "secret" not in refused.value.detail
