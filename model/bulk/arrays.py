"""The pictures of an .npy, .npz or IDX file, one after the other; an .npy or IDX may be gzipped.

Such a file holds uint8 (N, H, W), or (H, W) for one picture, 0 black to 255 white with ink darker
or lighter than paper; so MNIST's files and this project's frames are read as they are. Of an .npz
all such arrays are read, and its others (labels, most likely) are left out.

IDX is described on MNIST's page, http://yann.lecun.com/exdb/mnist/.
"""

import gzip
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import numpy as np
from PIL import Image

from model.bulk.items import ArrayPicture, Item, Unreadable
from model.bulk.zips import find_directory
from model.errors import FileError
from model.files import open_regular

MAGICS = (b"\x93NUM", b"\x1f\x8b", b"\0\0\x08\x02", b"\0\0\x08\x03")
"""What a file begins with that may hold an array of pictures; an .npz apart, which is a ZIP."""
_MOST_DIRECTORY_BYTES = 2**20  # of an .npz, which is read whole: some ten thousand arrays
_MOST_HEADER_BYTES = 1024  # of an array, which Python parses; NumPy writes 118
_DAMAGED = "is damaged or was cut short"
_WANTED = "what is read are pictures uint8 (N, H, W), 0 black to 255 white"


class _NoPictures(FileError):
    """An array of something else than pictures: in an .npz, labels most likely."""


class _Stack(NamedTuple):
    """N pictures in a stream of bytes: uint8 (pictures, height, width)."""

    file: IO[bytes]
    pictures: int
    height: int
    width: int


def count_array(path: str) -> int:
    """Return how many pictures a file says that it has; 1 for one that cannot be read."""
    try:
        with _opened(path) as file:
            return _stack(file).pictures
    except FileError:
        return 1


def array_items(path: str, source: str) -> Iterator[Item]:
    """Yield the pictures of an .npy or IDX file; what is wrong with it is an item of its own."""
    try:
        with _opened(path) as file:
            yield from _pictures(_stack(file), source)
    except FileError as error:
        yield Unreadable(source, str(error))


def count_arrays(path: str) -> int:
    """Return how many pictures an .npz says that it has; 1 for one that cannot be read."""
    try:
        with _archive(path) as archive:
            found = (stack for _, stack in _stacks(archive))
            return sum(1 if isinstance(one, FileError) else one.pictures for one in found)
    except FileError:
        return 1


def npz_items(path: str, source: str) -> Iterator[Item]:
    """Yield the pictures of an .npz; what is wrong with it is an item of its own."""
    found = False
    try:
        with _archive(path) as archive:
            for name, stack in _stacks(archive):
                found = True
                if isinstance(stack, FileError):
                    yield Unreadable(f"{source}/{name}", str(stack))
                else:
                    yield from _pictures(stack, f"{source}/{name}")
        if not found:
            raise FileError(f"holds no array of pictures; {_WANTED}")
    except FileError as error:
        yield Unreadable(source, str(error))


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    with open_regular(Path(path)) as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield cast(IO[bytes], unpacked)


@contextmanager
def _archive(path: str) -> Iterator[zipfile.ZipFile]:
    with open_regular(Path(path)) as file:
        if find_directory(file).size > _MOST_DIRECTORY_BYTES:
            raise FileError(f"has more arrays than fit into {_MOST_DIRECTORY_BYTES} bytes of names")
        try:
            archive = zipfile.ZipFile(file)
        except Exception:  # noqa: BLE001 - damage shows in zipfile or struct
            raise FileError(_DAMAGED) from None
        with archive:
            yield archive


def _stacks(archive: zipfile.ZipFile) -> Iterator[tuple[str, _Stack | FileError]]:
    """Yield the arrays of pictures with their names, each open until the next is asked for.

    One that cannot be read is an error instead; what is no array of pictures is left out.
    """
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        # zipfile unpacks these two piece by piece; of the others, at once all that it has read.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            yield name, FileError("is packed by another method than deflate")
            continue
        try:
            opened = archive.open(member)
        except Exception:  # noqa: BLE001 - damage shows in zipfile, struct or as a missing password
            yield name, FileError(_DAMAGED)
            continue
        with opened as file:
            try:
                stack: _Stack | FileError = _stack(file)
            except _NoPictures:
                continue
            except FileError as error:
                stack = error
            yield name, stack


def _stack(file: IO[bytes]) -> _Stack:
    """Read the header of an array, and leave the file where its pictures begin.

    Raises:
        FileError: if it is damaged, or of something else than pictures.
    """
    try:
        magic = file.read(4)
        if magic == b"\x93NUM":
            shape, fortran_order, dtype = _npy_header(magic + file.read(4), file)
        elif magic[:3] == b"\0\0\x08":
            shape = struct.unpack(f">{magic[3]}I", file.read(4 * magic[3]))
            fortran_order, dtype = False, np.dtype(np.uint8)
        else:
            raise _NoPictures(f"is neither an .npy nor an IDX file of bytes; {_WANTED}")
    except FileError:
        raise
    except Exception:  # noqa: BLE001 - damage shows in gzip, zlib, struct or NumPy
        raise FileError(_DAMAGED) from None
    if dtype != np.uint8 or len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise _NoPictures(f"holds {dtype} {tuple(shape)}; {_WANTED}")
    if fortran_order:
        raise FileError("has its columns before its rows; save np.ascontiguousarray of it")
    count, height, width = (1, *shape)[-3:]
    if height * width > (Image.MAX_IMAGE_PIXELS or math.inf):
        raise FileError(f"has pictures of more than {Image.MAX_IMAGE_PIXELS} pixels")
    return _Stack(file, count, height, width)


def _npy_header(start: bytes, file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    read = {
        b"\x93NUMPY\1\0": np.lib.format.read_array_header_1_0,
        b"\x93NUMPY\2\0": np.lib.format.read_array_header_2_0,
    }.get(start)
    if read is None:
        raise _NoPictures(
            f"is an .npy file of a format that arrays of pictures do not need; {_WANTED}"
        )
    return read(file, max_header_size=_MOST_HEADER_BYTES)


def _pictures(stack: _Stack, source: str) -> Iterator[Item]:
    size = stack.height * stack.width
    for index in range(stack.pictures):
        name = f"{source}[{index}]"
        try:
            data = stack.file.read(size)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
            data = b""
        if len(data) < size:
            yield Unreadable(name, _DAMAGED)
            return
        grey = np.frombuffer(data, np.uint8).reshape(stack.height, stack.width)
        yield ArrayPicture(name, grey)
