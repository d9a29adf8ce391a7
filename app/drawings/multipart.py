"""The files of a multipart/form-data body, taken from memory under limits."""

from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.errors import Problem

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

PART = "file"
MAX_HEADERS = 8  # of a part; browsers send two
MAX_HEADER_BYTES = 1024  # of one header of a part; a long file name fits
_USAGE = f"send the picture as one part named {PART}, as `curl -F {PART}=@digit.png` does"


def file_of_form(content_type: bytes, body: bytes, max_parts: int) -> bytes:
    """Return the content of the part `file`; its file name and type are never looked at.

    Raises Problem: 400 for a form that cannot be read, 413 for too many parts, 422 without `file`.
    """
    files = files_of_form(content_type, body, max_parts, _USAGE)
    if len(files) != 1:
        parts = f"{len(files)} parts" if files else "no part"
        raise Problem("invalid", f"The form has {parts} {PART}; {_USAGE}.")
    return files[0]


def files_of_form(content_type: bytes, body: bytes, max_parts: int, usage: str) -> list[bytes]:
    """Return the contents of all parts `file`, in their order; `usage` says what would be right.

    Raises Problem: 400 for a form that cannot be read, 413 for too many parts.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise Problem(
            "bad-form",
            "The Content-Type of the form names no boundary; leave this header to your client, "
            "which makes up the boundary of each form that it sends.",
        )
    # An honest form has its boundary before and behind each part, and nowhere else. The parser
    # works in Python at each of them, and there is room for a hundred thousand in a body.
    if body.count(b"\r\n--" + boundary) > max_parts + 1:
        raise _too_many(max_parts, usage)
    collector = _Collector(max_parts, usage)
    try:
        parser = MultipartParser(
            boundary,
            collector.callbacks(),
            max_header_count=MAX_HEADERS,
            max_header_size=MAX_HEADER_BYTES,
        )
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise Problem("bad-form", f"The form is damaged or incomplete; {usage}.") from None
    if not collector.ended:
        raise Problem("bad-form", f"The form ends before its last boundary; {usage}.")
    return [bytes(file) for file in collector.files]


def _too_many(max_parts: int, usage: str) -> Problem:
    return Problem("too-large", f"The form has more than {max_parts} parts; {usage}.")


class _Collector:
    """Listens to the parser and keeps the parts named `file`."""

    def __init__(self, max_parts: int, usage: str) -> None:
        self.files: list[bytearray] = []
        self.ended = False
        self._max_parts = max_parts
        self._usage = usage
        self._parts = 0
        self._name = bytearray()
        self._value = bytearray()
        self._wanted = False

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._part_begin,
            "on_part_data": self._part_data,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        self._wanted = False
        self._parts += 1
        if self._parts > self._max_parts:
            raise _too_many(self._max_parts, self._usage)

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            options = parse_options_header(bytes(self._value))[1]
            if options.get(b"name") == PART.encode():
                self._wanted = True
                self.files.append(bytearray())
        self._name.clear()
        self._value.clear()

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._wanted:
            self.files[-1] += data[start:end]

    def _end(self) -> None:
        self.ended = True
