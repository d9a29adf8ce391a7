"""Files that lie elsewhere, as s3://bucket/folder: whatever the file systems of pyarrow reach.

The package `pyarrow` is imported where it is used, and nowhere else.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple

from model.errors import CommandError, FileError
from model.files import size_text


class RemoteFile(NamedTuple):
    """A file in a file system of pyarrow: what the table calls it, and where it is."""

    source: str
    system: Any
    path: str


def is_remote(path: str) -> bool:
    """Tell whether a path names a file system as URIs do."""
    return "://" in path


def remote_files(uri: str) -> Iterator[tuple[list[str], RemoteFile]]:
    """Yield the files at a URI by name, each with the parts of its path below that.

    The listing of a folder is in memory as a whole.

    Raises:
        CommandError: if the URI leads nowhere, or pyarrow is not installed.
    """
    if find_spec("pyarrow") is None:
        raise CommandError(
            f"pyarrow is not installed, which reads {uri}; run `pip install -e .[bulk]`"
        )
    import pyarrow
    from pyarrow import fs

    try:
        system, path = fs.FileSystem.from_uri(uri)
        found = system.get_file_info(path)
        if found.type == fs.FileType.Directory:
            inside = system.get_file_info(fs.FileSelector(path, recursive=True))
            files = sorted(one.path for one in inside if one.type == fs.FileType.File)
        else:
            files = [path]
    except (OSError, pyarrow.ArrowException) as error:
        raise CommandError(f"{uri} cannot be reached ({error})") from None
    if found.type == fs.FileType.NotFound:
        raise CommandError(f"there is no file {uri}")
    for file in files:
        inner = file.removeprefix(path).strip("/")
        source = f"{uri.rstrip('/')}/{inner}" if inner else uri
        yield inner.split("/"), RemoteFile(source, system, file)


def read_remote(file: RemoteFile, most_bytes: int) -> bytes:
    """Return the content of a file.

    Raises:
        FileError: if it is larger than ``most_bytes``, or cannot be read.
    """
    try:
        with file.system.open_input_stream(file.path) as stream:
            content: bytes = stream.read(most_bytes + 1)
    except OSError as error:
        raise FileError(f"cannot be read ({error})") from None
    if len(content) > most_bytes:
        raise FileError(f"is larger than {size_text(most_bytes)}")
    return content
