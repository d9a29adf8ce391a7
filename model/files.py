"""Files that are whole or not there; and files of strangers, read within bounds.

Whoever is given a file to read decides how many bytes it may have, packed and unpacked, and how
many members. Nothing in it is executed, and what is wrong with it is a FileError.
"""

import io
import os
import stat
import tempfile
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from model.errors import FileError, MissingFile

_END_BYTES = 22  # of the record at the end of a ZIP
_ENTRY_BYTES = 128  # of a member in its directory, 46 and a name
_HEADER_BYTES = 1024  # of an array, which Python parses; NumPy writes 118


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write under a temporary name and move into place: the name never stands for half a file.

    Folders that are missing are made.

    Raises:
        OSError: if that fails; nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # mkstemp's is for the owner alone
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def check_writable(path: Path) -> None:
    """Find out whether `write_whole` can write a file there, and leave nothing behind.

    Raises:
        FileError: if it cannot.
    """
    if path.is_dir():
        raise FileError("cannot be written (it is a folder)")
    folder = path.absolute().parent
    while not folder.exists():  # it would be made
        folder = folder.parent
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise FileError(f"cannot be written ({error.strerror})") from None


def read_whole(path: Path, most_bytes: int) -> bytes:
    """Return the content of a regular file.

    Raises:
        FileError: as `open_regular`, or if it is larger than ``most_bytes``.
    """
    with open_regular(path) as file:
        try:
            # What grows meanwhile is read no further than this.
            small = os.fstat(file.fileno()).st_size <= most_bytes
            content = file.read(most_bytes + 1) if small else None
        except OSError as error:
            raise FileError(f"cannot be read ({error.strerror})") from None
    if content is None or len(content) > most_bytes:
        raise FileError(f"is larger than {size_text(most_bytes)}")
    return content


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file to read its bytes.

    Raises:
        MissingFile: if there is no such file.
        FileError: if it is a folder, a pipe or a device, or it cannot be read.
    """
    try:
        file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - whoever asked closes it
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise FileError("cannot be read (it is not a regular file)")
    except (FileNotFoundError, NotADirectoryError):
        raise MissingFile from None
    except OSError as error:
        raise FileError(f"cannot be read ({error.strerror})") from None
    except ValueError:  # as for a zero byte in it
        raise FileError("cannot be read (its name is not that of a file)") from None
    return file


def open_archive(content: bytes, most_bytes: int, most_members: int) -> zipfile.ZipFile:
    """Return a ZIP of which every member can be read: they are few, and unpack to bounded sizes.

    Raises:
        FileError: if it is no ZIP, is damaged, has more than ``most_members``, unpacks to more than
            ``most_bytes``, or is packed in a way whose output cannot be bounded.
    """
    if _directory_bytes(content) > _ENTRY_BYTES * most_members:
        raise FileError(f"has more than {most_members} members")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception:  # noqa: BLE001 - damage shows in zipfile or struct
        raise FileError("is damaged or was cut short") from None
    members = archive.infolist()
    # Members may overlap, so that a small file holds many large ones: all are added up.
    if sum(member.file_size for member in members) > most_bytes:
        raise FileError(f"unpacks to more than {size_text(most_bytes)}")
    # zipfile unpacks these two piece by piece; of the others, at once all that it has read.
    if {member.compress_type for member in members} - {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise FileError("is packed by another method than deflate")
    return archive


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return what a member unpacks to, no more of it than it declares.

    Raises:
        KeyError: if there is no such member.
        zipfile.BadZipFile, zlib.error and others: if it is damaged.
    """
    with archive.open(name) as member:
        return member.read(archive.getinfo(name).file_size)


def _directory_bytes(content: bytes) -> int:
    """Return how long the directory of a ZIP is, which zipfile reads before anything else.

    It is found as zipfile does; the format is that of PKWARE's APPNOTE, section 4.3.16.
    """
    if not content.startswith(b"PK"):
        raise FileError("is not a ZIP file")
    end = content.rfind(b"PK\5\6", -(_END_BYTES + 2**16))  # a comment may stand behind it
    if end < 0 or len(content) - end < _END_BYTES:
        raise FileError("is damaged or was cut short")
    if content[end - 20 : end - 16] == b"PK\6\7":
        raise FileError("is a ZIP file of the kind for more than 4 GiB")
    return int.from_bytes(content[end + 12 : end + 16], "little")


def read_arrays(content: bytes, most_bytes: int, most_arrays: int) -> dict[str, NDArray[Any]]:
    """Return the arrays of an .npz by their names.

    Raises:
        FileError: as `open_archive`, or if there is something else in it than arrays of numbers.
    """
    if not content.startswith(b"PK"):
        raise FileError("is not an .npz file")
    with open_archive(content, most_bytes, most_arrays) as archive:
        return {
            member.filename.removesuffix(".npy"): _read_array(archive, member)
            for member in archive.infolist()
        }


def _read_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    try:
        # Not by np.load, which unpacks a member that is no array whole, whatever size it declares.
        with archive.open(member) as file:
            return np.lib.format.read_array(file, allow_pickle=False, max_header_size=_HEADER_BYTES)
    except ValueError as error:
        if "Object arrays" in str(error):
            raise FileError("holds pickled objects, which are never loaded") from None
        raise FileError("holds arrays that cannot be read") from None
    except Exception:  # noqa: BLE001 - damage shows in zipfile, zlib, struct or NumPy
        raise FileError("is damaged or was cut short") from None


def size_text(count: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{count / 2**20:g} MiB"


def _without_waiting(path: str, flags: int) -> int:
    """Open without waiting for whoever writes to a pipe, or becoming subject to a terminal."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
