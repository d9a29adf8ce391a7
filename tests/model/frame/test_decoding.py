"""Pictures of every kind become upright grey on opaque paper."""

import io

import numpy as np
import pytest
from nasty import encoded, exif, seven, transparent
from PIL import Image

from model.frame.decoding import WORKING_SIDE, decode, exif_orientation
from model.frame.preprocess import frame_drawing


def decoded(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return decode(image)


def test_light_ink_on_nothing_is_laid_on_black():
    grey = decoded(encoded(transparent(255), "PNG"))
    assert grey.min() == 0
    assert grey.max() == 255
    assert not frame_drawing(grey).inverted


def test_dark_ink_on_nothing_is_laid_on_white():
    assert frame_drawing(decoded(encoded(transparent(0), "PNG"))).inverted


def test_an_opaque_picture_with_transparent_corners_stays_on_white():
    image = seven().convert("LA")
    image.putpixel((0, 0), (0, 0))
    assert decoded(encoded(image, "PNG"))[0, 0] == 255


def test_a_grey_of_sixteen_bits_that_is_clear_is_laid_on_white():
    deep = np.full((8, 8), 0x1000, np.uint16)
    deep[2:6, 2:6] = 0x2000
    grey = decoded(encoded(Image.fromarray(deep), "PNG", transparency=0x1000))
    assert grey[0, 0] == 255
    assert grey[3, 3] == 0x20


def test_of_a_large_colour_jpeg_only_the_luminance_is_decoded_and_reduced():
    with Image.open(io.BytesIO(encoded(Image.new("RGB", (4000, 3000)), "JPEG"))) as image:
        grey = decode(image)
        assert image.mode == "L"
        assert max(image.size) < 2 * WORKING_SIDE
        assert max(grey.shape) <= WORKING_SIDE


def test_sixteen_bits_are_scaled_not_clipped():
    deep = np.array([[0, 256, 32768, 65535]], np.uint16).repeat(4, axis=0)
    assert decoded(encoded(Image.fromarray(deep), "PNG"))[0].tolist() == [0, 1, 128, 255]


def test_a_large_picture_is_shrunk_and_keeps_its_shape():
    grey = decoded(encoded(Image.new("L", (4000, 2000), 255), "PNG"))
    assert max(grey.shape) <= WORKING_SIDE
    assert grey.shape[1] == 2 * grey.shape[0]


def test_a_line_of_one_pixel_height_survives_shrinking():
    assert decoded(encoded(Image.new("L", (16000, 1), 255), "PNG")).shape[0] == 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(10))
def test_the_orientation_is_that_of_exif(orientation, order):
    tags = Image.Exif()
    tags.endian = order
    tags[0x010F] = "a maker of cameras"
    tags[0x0112] = orientation
    data = tags.tobytes()
    told = orientation if 1 <= orientation <= 8 else 1
    assert exif_orientation(data) == exif_orientation(data.removeprefix(b"Exif\0\0")) == told


def test_damaged_exif_tells_no_orientation():
    whole = exif(6)
    assert exif_orientation(whole) == 6
    assert exif_orientation(b"") == exif_orientation(b"II") == exif_orientation(b"nonsense") == 1
    for length in range(len(whole)):
        assert exif_orientation(whole[:length]) in (1, 6)


def test_an_orientation_from_elsewhere_comes_before_the_picture_s_own():
    data = encoded(seven().crop((0, 0, 140, 70)), "PNG", exif=exif(6))
    assert decoded(data).shape == (140, 70)
    with Image.open(io.BytesIO(data)) as image:
        assert decode(image, 1).shape == (70, 140)
