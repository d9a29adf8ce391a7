"""Paths become the items in them: pictures, folders of them, ZIPs, arrays.

The order is always the same, so that a run can go on where another ended: paths as they were
given, what is in a folder by name, a ZIP by its directory. No list is made of all items.

In folders and ZIPs three kinds of thing are left out: what is hidden, what by its name is text or
a table, and links to folders. All else should be a picture, and has a row even if it is none.
"""

import heapq
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from model.bulk.arrays import MAGICS, array_items, count_array, count_arrays, npz_items
from model.bulk.items import Item, PackedPicture, PictureFile, Unreadable
from model.bulk.remote import RemoteFile, is_remote, remote_files
from model.bulk.zips import find_directory, members
from model.errors import CommandError, FileError
from model.files import open_regular

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm"})
"""How a file's name ends that is not opened before it is a picture's turn."""
NO_PICTURES = frozenset(
    {".csv", ".html", ".ini", ".json", ".jsonl", ".md", ".parquet", ".txt", ".xml", ".yaml", ".yml"}
)
"""How a name ends in a folder or a ZIP that is left out."""
_SORTED_TOGETHER = 100_000  # names of a folder that are in memory at once


class _Entry(NamedTuple):
    """A name in a folder, and what it names."""

    name: str
    is_folder: bool
    is_link_to_folder: bool


class Inputs:
    """What a run reads.

    Attributes:
        paths: files and folders, here or, as s3://bucket/folder, elsewhere.
        left_out: how many things in folders and ZIPs `items` has left out so far.

    Raises:
        CommandError: if there is nothing under one of the paths.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = [path if is_remote(path) else str(Path(path)) for path in paths]
        for path in self.paths:
            if not is_remote(path) and not Path(path).exists():
                raise CommandError(f"there is no file {path}")
        self.left_out = 0

    def count(self) -> int:
        """Return how many items there are by what files say of themselves; it may be a few less."""
        return sum(_count(file) if isinstance(file, str) else 1 for file in self._files())

    def items(self) -> Iterator[Item]:
        """Yield every item."""
        self.left_out = 0
        for file in self._files():
            if not isinstance(file, str):
                yield file
                continue
            kind = _kind(file)
            if kind == "zip":
                yield from self._packed(file)
            elif kind == "npz":
                yield from npz_items(file, file)
            elif kind == "array":
                yield from array_items(file, file)
            else:
                yield PictureFile(file, file)

    def _files(self) -> Iterator[str | RemoteFile | Unreadable]:
        """Yield the paths of all files, those in folders by name, and folders that are closed."""
        for path in self.paths:
            if is_remote(path):
                for parts, file in remote_files(path):
                    if any(map(_is_left_out, parts)):
                        self.left_out += 1
                    else:
                        yield file
            elif os.path.isdir(path):  # noqa: PTH112
                yield from self._files_in(path)
            else:
                yield path

    def _files_in(self, path: str) -> Iterator[str | Unreadable]:
        # A stack instead of recursion: folders may be nested deeper than Python's calls.
        folders = [(path, _entries(path))]
        while folders:
            folder, entries = folders[-1]
            try:
                entry = next(entries, None)
            except OSError as error:
                yield Unreadable(folder, f"cannot be read ({error.strerror})")
                entry = None
            if entry is None:
                folders.pop()
            elif _is_left_out(entry.name) or entry.is_link_to_folder:
                self.left_out += 1
            elif entry.is_folder:
                inner = os.path.join(folder, entry.name)  # noqa: PTH118 - a million times
                folders.append((inner, _entries(inner)))
            else:
                yield os.path.join(folder, entry.name)  # noqa: PTH118

    def _packed(self, path: str) -> Iterator[Item]:
        try:
            with open_regular(Path(path)) as file:
                for member in members(file, find_directory(file)):
                    inner = PurePosixPath(member.name).parts
                    if any(map(_is_left_out, inner)) or "__MACOSX" in inner:
                        self.left_out += 1
                    else:
                        yield PackedPicture(f"{path}/{member.name}", path, member)
        except FileError as error:
            yield Unreadable(path, str(error))
        except OSError as error:
            yield Unreadable(path, f"cannot be read ({error.strerror})")


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or os.path.splitext(name)[1].lower() in NO_PICTURES  # noqa: PTH122


def _kind(path: str) -> str:
    """Return what a file holds by its first bytes: "zip", "npz", "array", else "picture"."""
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122 - a million times
    if suffix in PICTURES:
        return "picture"
    try:
        with open_regular(Path(path)) as file:
            start = file.read(4)
    except (FileError, OSError):
        return "picture"  # whose row says what is wrong
    if start in (b"PK\3\4", b"PK\5\6"):
        return "npz" if suffix == ".npz" else "zip"
    return "array" if start.startswith(MAGICS) else "picture"


def _count(path: str) -> int:
    kind = _kind(path)
    if kind == "zip":
        try:
            with open_regular(Path(path)) as file:
                return find_directory(file).members
        except FileError:
            return 1
    return {"npz": count_arrays, "array": count_array}.get(kind, lambda _: 1)(path)


def _entries(folder: str) -> Iterator[_Entry]:
    """Yield what is in a folder, by name. Raises OSError, before the first, if that cannot be."""
    runs: list[Iterable[_Entry]] = []
    with os.scandir(folder) as scan:
        found = (
            _Entry(one.name, one.is_dir(follow_symlinks=False), one.is_symlink() and one.is_dir())
            for one in scan
        )
        while run := sorted(islice(found, _SORTED_TOGETHER)):
            if runs:  # so that memory does not grow with the folder, only one of them is in it
                runs[-1] = _kept(runs[-1])
            runs.append(run)
    yield from heapq.merge(*runs)


def _kept(entries: Iterable[_Entry]) -> Iterator[_Entry]:
    """Put entries into a file, and return them as they are read from there."""
    file = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with what is returned
    file.writelines(json.dumps(entry) + "\n" for entry in entries)
    file.seek(0)

    def read() -> Iterator[_Entry]:
        with file:
            for line in file:
                yield _Entry(*json.loads(line))

    return read()
