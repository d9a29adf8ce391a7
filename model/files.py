"""Files that are whole or not there."""

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write under a temporary name and move into place: the name never stands for half a file.

    Folders that lack are made. Raises OSError, with nothing left behind.
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
