"""Files that are whole or not there, read within bounds."""

import os
import stat
import tempfile
from pathlib import Path

from model.errors import FileError


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


def read_whole(path: Path, most_bytes: int) -> bytes:
    """Return the content of a regular file.

    Raises:
        FileError: if there is no such file, it is a folder, a pipe or a device, it cannot be read,
            or it is larger than ``most_bytes``.
    """
    try:
        # Not to wait for whoever writes to a pipe: what was opened is looked at before it is read.
        with open(path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise FileError("cannot be read (it is not a regular file)")
            content = file.read(min(status.st_size, most_bytes) + 1)
    except FileNotFoundError:
        raise FileError("does not exist") from None
    except OSError as error:
        raise FileError(f"cannot be read ({error.strerror})") from None
    except ValueError:
        raise FileError("cannot be read (its name is not that of a file)") from None
    if len(content) > most_bytes:
        raise FileError(f"is larger than {most_bytes / 2**20:g} MiB")
    return content


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
