"""The members of a ZIP, one after the other, however many there are.

Python's zipfile keeps the whole directory in memory, several hundred bytes for each member. Here
it is read as a stream, and each member can be read by another process from where it lies. The
format is that of PKWARE's APPNOTE, sections 4.3 to 4.5; archives of more than 4 GiB or 65,535
members ("ZIP64") are read too.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from model.errors import FileError
from model.files import open_regular, size_text

_STORED, _DEFLATED = 0, 8
_END = struct.Struct("<4s4H2LH")  # of the directory: 22 bytes and a comment
_END_64 = struct.Struct("<4sQ2H2L4Q")  # the same where the numbers are large
_LOCATOR_64_BYTES = 20  # between those two
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LARGE = 0xFFFFFFFF  # stands for a number that does not fit, and is in the extra field
_ENCRYPTED, _UTF_8 = 0x1, 0x800  # flags


class Directory(NamedTuple):
    """Where the list of members lies in the file, in bytes, and how many it should have.

    ``before``: bytes in front of the archive, as in one that unpacks itself.
    """

    start: int
    size: int
    members: int
    before: int


class Member(NamedTuple):
    """One file in an archive: where its header lies, in bytes, and what it says of itself."""

    name: str
    offset: int
    packed: int
    size: int
    crc: int
    method: int
    encrypted: bool


def find_directory(file: BinaryIO) -> Directory:
    """Return where the directory of a ZIP is.

    Raises:
        FileError: if there is none.
    """
    length = file.seek(0, 2)
    tail_start = max(0, length - _END.size - _LOCATOR_64_BYTES - 2**16)
    file.seek(tail_start)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise _damaged()
    *_, members, size, offset, _ = _END.unpack_from(tail, at)
    end = tail_start + at
    if tail[: max(0, at - 16)].endswith(b"PK\6\7"):
        end -= _LOCATOR_64_BYTES + _END_64.size
        record = _exactly(file, max(0, end), _END_64.size)
        if not record.startswith(b"PK\6\6"):
            raise _damaged()
        *_, members, size, offset = _END_64.unpack(record)
    start = end - size
    if start < 0 or start < offset:
        raise _damaged()
    return Directory(start, size, members, start - offset)


def members(file: BinaryIO, directory: Directory) -> Iterator[Member]:
    """Yield the files of an archive in the order of its directory, the folders left out.

    Raises:
        FileError: where the directory is damaged; what was yielded before stands.
    """
    position, end = directory.start, directory.start + directory.size
    while position < end:
        entry = _exactly(file, position, _ENTRY.size)
        magic, *fields = _ENTRY.unpack(entry)
        _, _, flags, method, _, _, crc, packed, size, *lengths, _, _, _, offset = fields
        if magic != b"PK\1\2":
            raise _damaged()
        position += _ENTRY.size + sum(lengths)
        name_bytes, extra_bytes, _ = lengths
        name = file.read(name_bytes).decode("utf-8" if flags & _UTF_8 else "cp437", "replace")
        size, packed, offset = _large(file.read(extra_bytes), size, packed, offset)
        if not name.endswith("/"):
            offset += directory.before
            encrypted = bool(flags & _ENCRYPTED)
            yield Member(name, offset, packed, size, crc, method, encrypted)


def read_member(archive: str, member: Member, most_bytes: int) -> bytes:
    """Return what a member unpacks to.

    Raises:
        FileError: if it is larger than ``most_bytes``, encrypted, packed by a method whose output
            cannot be bounded, or damaged.
    """
    if max(member.size, member.packed) > most_bytes:
        raise FileError(f"is larger than {size_text(most_bytes)}")
    if member.encrypted:
        raise FileError("is encrypted")
    if member.method not in (_STORED, _DEFLATED):
        raise FileError("is packed by another method than deflate")
    with open_regular(Path(archive)) as file:
        magic, *_, name_bytes, extra_bytes = _LOCAL.unpack(
            _exactly(file, member.offset, _LOCAL.size)
        )
        if magic != b"PK\3\4":
            raise _damaged()
        data_start = member.offset + _LOCAL.size + name_bytes + extra_bytes
        data = _exactly(file, data_start, member.packed)
    if member.method == _DEFLATED:
        try:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, member.size + 1)
        except zlib.error:
            raise _damaged() from None
    if len(data) != member.size or zlib.crc32(data) != member.crc:
        raise _damaged()
    return data


def _large(extra: bytes, *numbers: int) -> list[int]:
    """Return size, packed size and offset, those that did not fit taken from the extra field."""
    found = list(numbers)
    position = 0
    while _LARGE in found and position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == 1:
            missing = [index for index, number in enumerate(found) if number == _LARGE]
            if length < 8 * len(missing) or len(extra) < position + 4 + length:
                raise _damaged()
            values = struct.unpack_from(f"<{len(missing)}Q", extra, position + 4)
            for index, value in zip(missing, values, strict=True):
                found[index] = value
            break
        position += 4 + length
    return found


def _exactly(file: BinaryIO, start: int, count: int) -> bytes:
    """Return so many bytes from there on. Raises FileError if the file has fewer."""
    file.seek(start)
    data = file.read(count)
    if len(data) < count:
        raise _damaged()
    return data


def _damaged() -> FileError:
    return FileError("is damaged or was cut short")
