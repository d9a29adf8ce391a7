import base64
import textwrap

import pytest

from app.drawings.base64_text import decode_base64
from app.errors import Problem

DATA = bytes(range(256)) + b"\xfb\xff"  # of 258 bytes, whose base64 needs padding and both + and /
STANDARD = base64.b64encode(DATA + b"!").decode()
PADDED = base64.b64encode(DATA[:-1]).decode()
SAFE = base64.urlsafe_b64encode(DATA[:-1]).decode()
DATA_URLS = (
    "data:image/png;base64,",
    "DATA:Image/SVG+xml;BASE64,",
    "data:image/jpeg;charset=utf-8;base64,",
    "data:image/png;name=digit.png;charset=binary;base64,",
    "data:application/octet-stream;base64,",
    "data:;base64,",
)


def decoded(text: object) -> bytes:
    return decode_base64(text, "image")


@pytest.mark.parametrize("text", [PADDED, SAFE, PADDED.rstrip("="), SAFE.rstrip("=")])
@pytest.mark.parametrize("separator", ["", "\n", "\r\n", " ", "\t"])
def test_every_way_to_write_the_same_bytes(text, separator):
    assert decoded(separator.join(textwrap.wrap(text, 76)) + separator) == DATA[:-1]


@pytest.mark.parametrize("prefix", DATA_URLS)
def test_data_urls(prefix):
    assert decoded(prefix + STANDARD) == DATA + b"!"
    assert decoded(prefix + SAFE.rstrip("=")) == DATA[:-1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "must be a string"),
        (7, "must be a string"),
        ("QUJDQ", "its length cannot be right"),
        ("QU=JD", "other characters"),
        ("QUJD*", "other characters"),
        ("ÀÀÀÀ", "other characters"),
        ("data:image/png,QUJD", "begins like data:image/png;base64,"),
        ("data:text/html;base64,QUJD", "begins like"),
        ("data:image/png;" + "a" * 200 + ";base64,QUJD", "begins like"),
        ("data:image/png" + ";a" * 9 + ";base64,QUJD", "begins like"),
    ],
)
def test_what_is_no_base64_is_told_so(text, said):
    with pytest.raises(Problem, match=said) as refused:
        decoded(text)
    assert refused.value.kind == "invalid"
    assert refused.value.pointer == "#/image"
