"""The file of a form: its bytes and no others, whatever else the form has."""

import itertools

import pytest

from app.drawings.multipart import file_of_form
from app.errors import Problem

FILE = b"\x89PNG\r\n\r\n--other\r\n\0 all kinds of bytes"
FORM = b"multipart/form-data; boundary=b"


def part(name: str, content: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (
        name.encode(),
        content,
    )


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["before", "file", "after"])), ids="-".join
)
def test_the_parts_around_the_file_are_not_taken_into_it(order):
    parts = [part(name, FILE if name == "file" else b"7") for name in order]
    assert file_of_form(FORM, b"".join(parts) + b"--b--\r\n", 4) == FILE


def test_two_files_are_refused():
    with pytest.raises(Problem, match="The form has 2 parts file"):
        file_of_form(FORM, part("file", FILE) * 2 + b"--b--\r\n", 4)
