"""MNIST: find, download, verify and read the four files of 70,000 handwritten digits.

The files are looked for in the folder that is asked for, under the names and in the folders that
Kaggle's archive and torchvision give them too, then in the user's cache folder; if they are in
neither, they are downloaded into the cache folder. Wherever they come from, their contents
decide: each must have the SHA-256 of the original *uncompressed* IDX file. So compressed and
uncompressed copies are equally good, and what a server says of length or type does not matter.

The data set: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
recognition", Proceedings of the IEEE 86 (1998). The IDX format is described on its page,
http://yann.lecun.com/exdb/mnist/.
"""

import gzip
import hashlib
import http.client
import io
import math
import os
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import FileError, MissingFile, MnistError
from model.files import read_whole, write_whole

Bytes = NDArray[np.uint8]


class Mnist(NamedTuple):
    """The data set.

    Attributes:
        train_images: uint8 (60000, 28, 28), 0 paper to 255 ink.
        train_labels: uint8 (60000,), 0 to 9.
        test_images: uint8 (10000, 28, 28), 0 paper to 255 ink.
        test_labels: uint8 (10000,), 0 to 9.
    """

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes


class IdxFile(NamedTuple):
    """What is known of one file.

    Attributes:
        name: without ``.gz``.
        shape: of the array in it.
        sha256: of the uncompressed file, hexadecimal.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def size(self) -> int:
        """The bytes of the uncompressed file: a magic number, 4 for each axis, the data."""
        return 4 + 4 * len(self.shape) + math.prod(self.shape)


FILES = (  # in the order of Mnist's fields
    IdxFile(
        "train-images-idx3-ubyte",
        (60_000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    IdxFile(
        "train-labels-idx1-ubyte",
        (60_000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    IdxFile(
        "t10k-images-idx3-ubyte",
        (10_000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    IdxFile(
        "t10k-labels-idx1-ubyte",
        (10_000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://sagemaker-sample-files.s3.amazonaws.com/datasets/image/MNIST/",
)

ROUNDS = 2  # times each mirror is tried before giving up
RESUMES = 20  # requests in one go at one mirror, each going on where the last broke off
TIMEOUT = 10.0  # seconds without a single byte, after which a connection counts as broken
REQUEST_SECONDS = 120.0  # after which a request that only trickles is broken off, and resumed

_MOST_NAMES = 8  # of a folder's in a message

Progress = Callable[[str, int, int], None]  # name, bytes received, bytes in all or 0 if unknown


def progress_bar(name: str, received: int, total: int) -> None:
    """Draw a bar if standard error is a terminal; else write one line for each whole file."""
    whole = received == total
    if sys.stderr.isatty() or whole:
        bar = "#" * (30 * received // total) if total else ""
        start, end = ("\r" if sys.stderr.isatty() else ""), ("\n" if whole else "")
        text = f"{start}{name} [{bar:<30}] {received / 1e6:.1f} MB"
        print(text, end=end, file=sys.stderr, flush=True)


def load_mnist(
    data_dir: str | Path | None = None,
    *,
    download: bool = True,
    files: Sequence[IdxFile] = FILES,
    mirrors: Sequence[str] = MIRRORS,
    progress: Progress = progress_bar,
) -> Mnist:
    """Read the data set from a folder, the user's cache folder or a mirror, in this order.

    Args:
        data_dir: the folder; that of ``MNIST_DIR`` in the environment by default. Each file may
            have its ``.gz`` or not, and lie where Kaggle or torchvision put it.
        download: whether what is missing may be downloaded, into the cache folder.
        files: the four files, in the order of the fields of `Mnist`.
        mirrors: addresses that the names of the files are added to.
        progress: told of each download.

    Raises:
        MnistError: if a file is missing or is not that of MNIST.
    """
    asked_for = data_dir or os.environ.get("MNIST_DIR")
    folders = [Path(asked_for)] if asked_for else []
    cache = cache_folder()
    arrays = []
    for file in files:
        content = _find(file, folders)
        if content is None:
            try:
                content = _find(file, [cache])
            except MnistError:
                if not download:
                    raise
        if content is None:
            places = " or ".join(map(str, [*folders, cache]))
            found = "".join(f" ({folder} {_what_is_in(folder)})" for folder in folders)
            looked = f"{file.name}[.gz] is not in {places}{found}"
            if not download:
                raise MnistError(f"{looked}; {_how_to_get(cache, mirrors)}")
            content = _download(file, cache, mirrors, progress, looked)
        arrays.append(_parse(content, file))
    return Mnist(*arrays)


def cache_folder() -> Path:
    """Return where downloads are kept: ``digit-recognizer`` in the user's own cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "digit-recognizer"
    except RuntimeError:  # a container's user may have no home
        return Path(tempfile.gettempdir()) / "digit-recognizer"


class _Truncated(Exception):
    """The data may be the beginning of the file."""


class _Unfit(Exception):
    """The data is not the file that it should be; the message says in what."""


def _unpack(data: bytes, file: IdxFile) -> bytes:
    """Return the uncompressed content of a file.

    Raises:
        _Truncated: if it may be the beginning of that content.
        _Unfit: if it is something else.
    """
    content = data
    if data[:2] == b"\x1f\x8b":
        try:
            # One byte more than the file has shows that there is more; a bomb stays packed.
            content = gzip.GzipFile(fileobj=io.BytesIO(data)).read(file.size + 1)
        except EOFError:
            raise _Truncated("it ends too early") from None
        except (OSError, zlib.error):
            raise _Unfit("its compressed data is damaged") from None
    elif data[:2] != b"\x00\x00":
        raise _Unfit("it is neither an IDX file nor a compressed one")
    if len(content) < file.size:
        raise _Truncated("it ends too early")
    if len(content) > file.size:
        raise _Unfit("it is too long")
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise _Unfit("its SHA-256 is another one")
    return content


def _parse(content: bytes, file: IdxFile) -> Bytes:
    """Return the array of an IDX file of unsigned bytes.

    Raises:
        MnistError: if it is no such file, has another shape, or a label above 9.
    """
    axes = len(file.shape)
    magic, *shape = np.frombuffer(content, ">u4", count=1 + axes).tolist()
    if magic != 0x0800 + axes:  # 08 for unsigned bytes, then the number of axes
        raise MnistError(f"{file.name} is no IDX file of bytes with {axes} axes")
    if tuple(shape) != file.shape:
        raise MnistError(f"{file.name} has the shape {shape}, not {list(file.shape)}")
    array = np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(file.shape)
    if axes == 1 and array.max(initial=0) > 9:
        raise MnistError(f"{file.name} has a label {array.max()}, but labels are 0 to 9")
    return array


def _find(file: IdxFile, folders: Sequence[Path]) -> bytes | None:
    """Return the uncompressed content from the first folder that has the file, or None.

    Raises:
        MnistError: if that file cannot be read, or is not that of MNIST.
    """
    in_the_way: Path | None = None
    for path in [path for folder in folders for path in _places(file, folder)]:
        try:
            return _unpack(read_whole(path, _most_bytes(file)), file)
        except MissingFile:
            continue
        except FileError as error:
            if path.is_dir():  # as in Kaggle's archive, with the file in it
                in_the_way = in_the_way or path
                continue
            raise MnistError(f"{path} {error}; delete it or put a good one there") from error
        except (_Truncated, _Unfit) as error:
            raise MnistError(
                f"{path} is not the file of MNIST: {error}; delete it or put a good one there"
            ) from error
    if in_the_way is not None:
        raise MnistError(
            f"{in_the_way} cannot be read: Is a directory, and {file.name}[.gz] is not in it"
        )
    return None


def _places(file: IdxFile, folder: Path) -> list[Path]:
    """Return where a file of MNIST may lie in a folder."""
    kaggle = file.name.replace("-idx", ".idx")  # train-images.idx3-ubyte
    return [
        place / (name + end)
        # As it is; torchvision's folder, asked for from above or within; Kaggle's one for each.
        for place in (folder, folder / "MNIST" / "raw", folder / "raw", folder / file.name)
        for name in (file.name, kaggle)
        for end in ("", ".gz")
    ]


def _what_is_in(folder: Path) -> str:
    """Return what a folder holds in place of MNIST, for a message."""
    try:
        names = sorted(path.name + "/" * path.is_dir() for path in folder.iterdir())
    except OSError as error:
        return "does not exist" if isinstance(error, FileNotFoundError) else "cannot be read"
    shown = ", ".join(names[:_MOST_NAMES]) + ", ..." * (len(names) > _MOST_NAMES)
    return f"holds {shown}" if names else "is empty"


def _most_bytes(file: IdxFile) -> int:
    """Return more bytes than a good copy can have, compressed or not: gzip adds below 1 KiB."""
    return file.size + 1024


def _download(
    file: IdxFile, folder: Path, mirrors: Sequence[str], progress: Progress, looked: str
) -> bytes:
    """Fetch a file from the first mirror that gives it, keep it in a folder, return its content.

    Nothing reaches the folder before it is whole and verified, so there is never half a file.
    ``looked`` says where the file was looked for.

    Raises:
        MnistError: if no mirror gives the file, or the folder cannot keep it.
    """
    reasons: dict[str, str] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for mirror in list(mirrors) * ROUNDS:
            try:
                data = _fetch(f"{mirror}{file.name}.gz", file, progress)
            except (OSError, http.client.HTTPException, _Truncated, _Unfit) as error:
                reason = error.reason if isinstance(error, urllib.error.URLError) else error
                reasons[mirror] = str(reason) or type(error).__name__
                continue
            write_whole(folder / (file.name + ".gz"), data)
            return _unpack(data, file)
    except OSError as error:
        raise MnistError(
            f"{looked}, and a download cannot be kept in {folder} ({error.strerror}); set "
            "XDG_CACHE_HOME to a folder that can be written, or MNIST_DIR to one that has MNIST"
        ) from error
    tried = ", ".join(f"{mirror} ({reason})" for mirror, reason in reasons.items())
    raise MnistError(
        f"{looked}, and could not be downloaded from {tried or 'anywhere'}; "
        f"{_how_to_get(folder, mirrors)}"
    )


def _fetch(url: str, file: IdxFile, progress: Progress) -> bytes:
    """Download one file, going on where the connection breaks off, until its content is right.

    Only the content tells when it is complete: servers break off, and say a wrong length. Returns
    the file as it was received, compressed or not.

    Raises:
        _Truncated: if it grows no longer.
        _Unfit: if it is something else.
        OSError, HTTPException: if there is no answer.
    """
    data = b""
    for _ in range(RESUMES):
        longer = _receive(url, data, file, progress)
        try:
            _unpack(longer, file)
        except _Truncated:
            if len(longer) <= len(data):
                raise
            data = longer
        else:
            progress(file.name, len(longer), len(longer))
            return longer
    raise _Truncated(f"it broke off {RESUMES} times")


def _receive(url: str, start: bytes, file: IdxFile, progress: Progress) -> bytes:
    """Return ``start`` and what the server sends after it; or all anew, if it cannot go on there.

    It ends where the connection breaks off.

    Raises:
        OSError, HTTPException: if there is no answer.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "digit-recognizer"})
    if start:
        request.add_header("Range", f"bytes={len(start)}-")
    give_up = time.monotonic() + REQUEST_SECONDS
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        goes_on = response.headers.get("Content-Range", "").startswith(f"bytes {len(start)}-")
        data = bytearray(
            start if response.status == http.HTTPStatus.PARTIAL_CONTENT and goes_on else b""
        )
        total = len(data) + response.length if response.length else 0
        while time.monotonic() < give_up and len(data) < _most_bytes(file):
            progress(file.name, len(data), max(total, len(data) + 1) if total else 0)
            try:
                piece = response.read1(min(1 << 16, _most_bytes(file) - len(data)))
            except (OSError, http.client.HTTPException):
                break
            if not piece:
                break
            data += piece
    return bytes(data)


def _how_to_get(folder: Path, mirrors: Sequence[str]) -> str:
    source = f" (from {mirrors[0]})" if mirrors else ""
    return (
        f"put the four files of MNIST{source} into {folder}, or into a folder that --data-dir "
        "or MNIST_DIR names"
    )
