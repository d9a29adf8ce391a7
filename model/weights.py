"""Weights on disk: one `.npz` that says in itself what it is.

It holds each array of the network by name and, as UTF-8 JSON in the array ``about``, a format
number, the architecture to rebuild, every array's shape and dtype, the calibration, and where it
came from: recipe, seed, digests of the data, scores. There are two kinds, of networks that read
one digit and of those that read numbers; a file of one kind is never taken for the other.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from model.files import write_whole
from model.nn.layers import LAYERS, Layer
from model.nn.network import FRAME_SHAPE, Network, count_numbers
from model.number_reader import COLUMN, NumberReader
from model.recognizer import DIGITS, Recognizer

FORMAT = 1
MAX_BYTES = 64 * 2**20  # of the file and of what it unpacks to; ours is below 2 MB
_IN_FILE = {"kernel_size": "kernel"}  # options of layers that format 1 calls by another name
_IN_CODE = {in_file: name for name, in_file in _IN_FILE.items()}
_REMEDY = "run `python -m model train` to make good ones, or point DIGITS_WEIGHTS at another file"


class _Kind(NamedTuple):
    """What files of one kind hold.

    ``calibration``: what is written beside the arrays, attributes of what is saved. The first is
    a temperature.
    """

    reads: str
    input_shape: tuple[int, ...]
    outputs: Sequence[tuple[int, ...]]
    calibration: Sequence[str]


_DIGITS_FILE = _Kind(
    "ten digits",
    FRAME_SHAPE,
    [(DIGITS,), (DIGITS + 1,)],
    ("temperature", "is_digit_scale", "is_digit_offset"),
)
_NUMBERS_FILE = _Kind(
    "numbers",
    (36, 30 * COLUMN, 1),  # it fits strips of any width
    [(1, 30, DIGITS + 1)],
    ("temperature", "scale", "offset"),
)


class WeightsError(ValueError):
    """A weights file cannot be used; the message says why and what to do, in one sentence."""


def describe(network: Network) -> list[dict[str, Any]]:
    """Return the architecture, one JSON-able row for each layer, with its output shape."""
    return [
        {
            "layer": type(layer).__name__,
            **{_IN_FILE.get(name, name): value for name, value in layer.options().items()},
            "output": list(shape),
        }
        for layer, shape in zip(network.layers, network.shapes, strict=True)
    ]


def build(
    architecture: list[dict[str, Any]], input_shape: tuple[int, ...] = FRAME_SHAPE
) -> Network:
    """Return the network that `describe` described, its parameters not yet set.

    Raises:
        KeyError, TypeError, ValueError: if the rows name no such layers or do not fit together.
    """
    layers: list[Layer] = []
    for row in architecture:
        options = {
            _IN_CODE.get(key, key): value
            for key, value in row.items()
            if key not in ("layer", "output")
        }
        layers.append(LAYERS[row["layer"]](**options))
    # Refused before there is memory for it: no file within the limit could fill such a network.
    if count_numbers(layers, input_shape) > MAX_BYTES // 4:
        raise ValueError("too many parameters")
    return Network(layers, input_shape=input_shape)


def save_weights(path: str | Path, recognizer: Recognizer) -> str:
    """Write a recognizer so that the file appears whole or not at all; return its SHA-256."""
    calibration = {name: getattr(recognizer, name) for name in _DIGITS_FILE.calibration}
    return _save(path, recognizer.network, {**recognizer.about, **calibration})


def save_numbers(path: str | Path, reader: NumberReader) -> str:
    """Write a reader of numbers, its digits' network apart, as `save_weights` does."""
    calibration = {name: getattr(reader, name) for name in _NUMBERS_FILE.calibration}
    return _save(path, reader.network, {**reader.about, **calibration, "task": _NUMBERS_FILE.reads})


def _save(path: str | Path, network: Network, about: dict[str, Any]) -> str:
    arrays = network.arrays()
    about = {
        **about,
        "format": FORMAT,
        "architecture": describe(network),
        "multiply_adds": network.multiply_adds(),
        "arrays": {
            name: {"shape": list(array.shape), "dtype": str(array.dtype)}
            for name, array in arrays.items()
        },
    }
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8)
    np.savez(buffer, allow_pickle=False, about=text, **arrays)
    write_whole(Path(path), buffer.getbuffer())
    return hashlib.sha256(buffer.getbuffer()).hexdigest()


def load_weights(path: str | Path) -> Recognizer:
    """Read, check and rebuild what `save_weights` wrote, batch normalisation folded away.

    Raises:
        WeightsError: if the file is missing, cut short, not ours, pickled, of another format, or
            its arrays have other names, shapes or dtypes than it says, or numbers that are not
            finite. Nothing in the file is executed.
    """
    path = Path(path)
    content = _content(path)
    arrays = _unpack(path, content)
    about = _about(path, arrays)
    if "task" in about:
        raise _refuse(path, f"is of a network for {about['task']}, not for single digits")
    network = _rebuild(path, about, arrays, _DIGITS_FILE)
    return Recognizer(
        network=network.folded(),
        **{name: float(about[name]) for name in _DIGITS_FILE.calibration},
        about=about,
        digest=hashlib.sha256(content).hexdigest(),
    )


def load_numbers(path: str | Path, digits: Recognizer | None = None) -> NumberReader:
    """Read, check and rebuild what `save_numbers` wrote; ``digits`` gives the second opinion.

    Raises:
        WeightsError: as `load_weights` does.
    """
    path = Path(path)
    content = _content(path)
    arrays = _unpack(path, content)
    about = _about(path, arrays)
    if about.get("task") != _NUMBERS_FILE.reads:
        raise _refuse(path, "is not of a network for numbers")
    network = _rebuild(path, about, arrays, _NUMBERS_FILE)
    return NumberReader(
        network=network.folded(),
        digits=digits,
        **{name: float(about[name]) for name in _NUMBERS_FILE.calibration},
        about=about,
        digest=hashlib.sha256(content).hexdigest(),
    )


def _refuse(path: Path, reason: str) -> WeightsError:
    return WeightsError(f"weights file {path} {reason}; {_REMEDY}")


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refuse(path, f"is larger than {MAX_BYTES // 2**20} MiB")
        return path.read_bytes()
    except FileNotFoundError:
        raise _refuse(path, "does not exist") from None
    except OSError as error:
        raise _refuse(path, f"cannot be read ({error.strerror})") from None


def _unpack(path: Path, content: bytes) -> dict[str, np.ndarray[Any, Any]]:
    if not content.startswith(b"PK"):
        raise _refuse(path, "is not an .npz file")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise _refuse(path, f"unpacks to more than {MAX_BYTES // 2**20} MiB")
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except WeightsError:
        raise
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise _refuse(path, "holds pickled objects, which are never loaded") from None
        raise _refuse(path, "holds arrays that cannot be read") from None
    except Exception:  # noqa: BLE001 - damage shows in zipfile, zlib, struct or NumPy
        raise _refuse(path, "is damaged or was cut short") from None


def _about(path: Path, arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
    try:
        about = json.loads(arrays.pop("about").tobytes())
        version = about["format"]
        version_is_number = isinstance(version, int)
    except (KeyError, ValueError, TypeError):
        raise _refuse(path, "is not one of ours: it does not say what it holds") from None
    if not version_is_number or version > FORMAT:
        raise WeightsError(
            f"weights file {path} has format {version!r} and this version reads up to {FORMAT}; "
            "update digit-recognizer, or run `python -m model train`"
        )
    return dict(about)


def _rebuild(
    path: Path,
    about: dict[str, Any],
    arrays: dict[str, np.ndarray[Any, Any]],
    kind: _Kind,
) -> Network:
    try:
        network = build(about["architecture"], kind.input_shape)
        declared = {name: (row["shape"], row["dtype"]) for name, row in about["arrays"].items()}
        calibration = [about[name] for name in kind.calibration]
        usable = all(np.isfinite(calibration)) and calibration[0] > 0
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise _refuse(path, "describes no network that can be built") from None
    if not usable or network.shapes[-1:] not in ([outputs] for outputs in kind.outputs):
        raise _refuse(path, f"does not describe a network that reads {kind.reads}")
    wanted = network.arrays()
    if set(arrays) != set(wanted) or set(declared) != set(wanted):
        odd = sorted(set(arrays) ^ set(wanted)) or sorted(set(declared) ^ set(wanted))
        raise _refuse(path, f"lacks arrays of its architecture or has others: {', '.join(odd[:5])}")
    for name, array in arrays.items():
        target = wanted[name]
        if array.shape != target.shape or list(array.shape) != declared[name][0]:
            raise _refuse(path, f"has {name} of shape {array.shape} instead of {target.shape}")
        if array.dtype != target.dtype or str(array.dtype) != declared[name][1]:
            raise _refuse(path, f"has {name} of type {array.dtype} instead of {target.dtype}")
        if not np.isfinite(array).all():
            raise _refuse(path, f"has numbers in {name} that are not finite")
        target[...] = array
    return network
