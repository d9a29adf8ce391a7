"""Weights files that are made by hand, mutated and damaged."""

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU
from model.nn.network import Network
from model.recognizer import Recognizer
from model.weights import build, save_weights

About = dict[str, Any]
Arrays = dict[str, np.ndarray]
FRAMES = np.random.default_rng(6).uniform(-0.5, 0.5, (5, 28, 28, 1)).astype(np.float32)


def good_file(path: Path) -> tuple[About, Arrays]:
    """What a good file says of itself, and its arrays; every kind of layer is in it."""
    layers = [Conv2D(4, bias=False), BatchNorm(), ReLU(), MaxPool2D(), BatchNorm(), Dense(11)]
    network = Network([*layers[:5], Conv2D(4, padding=1), layers[5]])
    network.initialise(np.random.default_rng(5))
    network.measure_statistics(FRAMES)
    scores = {"mnist test error": 0.003}
    save_weights(path, Recognizer(network, 1.5, 0.8, -0.1, {"recipe": "test", "scores": scores}))
    with np.load(path) as archive:
        arrays = dict(archive)
    return json.loads(arrays.pop("about").tobytes()), arrays


def write(path: Path, about: Any, arrays: Arrays, *, text: bytes | None = None) -> Path:
    """Write a file whatever is in it; `text` in the place of `about` as JSON."""
    text = json.dumps(about).encode() if text is None else text
    np.savez(path, **arrays, about=np.frombuffer(text, np.uint8))
    return path


CONV = {"layer": "Conv2D", "kernel": 1, "stride": 1, "padding": 0, "bias": False}
DENSE = {"layer": "Dense", "units": 10}


def fitting(architecture: list[About], scale: float = 0.1) -> tuple[About, Arrays]:
    """What a file says of itself with another architecture, and arrays that fit it."""
    network = build(architecture, 10**7)
    rng = np.random.default_rng(1)
    arrays = {
        name: np.abs(rng.normal(0, scale, array.shape)).astype(array.dtype)
        for name, array in network.arrays().items()
    }
    rows = {name: {"shape": list(a.shape), "dtype": str(a.dtype)} for name, a in arrays.items()}
    return {"architecture": architecture, "arrays": rows}, arrays


NASTY = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        3,
        10,
        11,
        28,
        29,
        4096,
        4097,
        2**31,
        2**63,
        -(2**63),
        10**30,
    ),
    *(0.0, -0.0, 0.5, 1e-5, -1e-5, 1e300, 1e-300, float("nan"), float("inf"), float("-inf")),
    *("", "x", "Conv2D", "Dense", "MaxPool2D", "ReLU", "BatchNorm", "Layer", "float32", "\ud800"),
    *("\x00", "é\n", "a" * 5000, [], {}, [1], [[1]], {"a": 1}, {"layer": "ReLU"}, {"layer": []}),
    [[[[[[[[[[[[1]]]]]]]]]]]],
]
DTYPES = (np.float64, np.float16, np.int32, np.bool_, np.complex64, "<U3", "S2", "M8[s]", ">f4")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to each part of a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*path, key))


def mutated(about: About, rng: random.Random) -> About:
    """A copy with one to three parts gone, doubled, added or in the place of others."""
    about = copy.deepcopy(about)
    for _ in range(rng.choice((1, 1, 2, 3))):
        *path, last = rng.choice(list(places(about))[1:])
        inside = about
        for key in path:
            inside = inside[key]
        value = rng.randint(-3, 40) if rng.random() < 0.3 else copy.deepcopy(rng.choice(NASTY))
        match rng.randrange(6):
            case 0:
                del inside[last]
            case 1 if isinstance(inside, list):
                inside.insert(last, copy.deepcopy(rng.choice(inside)))
            case 2 if isinstance(inside, list):
                inside += copy.deepcopy(inside) * rng.choice((1, 2, 20))
            case 3 if isinstance(inside, dict):
                inside[rng.choice(("layer", "size", "parameters", "group", "x", "\ud800"))] = value
            case _:
                inside[last] = value
        if not about:
            break
    return about


def with_a_change(arrays: Arrays, rng: random.Random) -> Arrays:
    """The arrays with one of another type, shape, name or value."""
    arrays, name = dict(arrays), rng.choice(list(arrays))
    array = arrays[name]
    match rng.randrange(7):
        case 0:
            arrays[name] = array.astype(rng.choice(DTYPES))
        case 1:
            arrays[name] = array.reshape(-1)
        case 2:
            del arrays[name]
        case 3:
            arrays[rng.choice(("x", "0.weights ", "é\n", "../x", "a" * 3000))] = array
        case 4:
            arrays[name] = array.copy()
            arrays[name].flat[0] = rng.choice((np.nan, np.inf, 3e38, -3e38))
        case 5:
            arrays[name] = np.zeros((0, *array.shape), array.dtype)
        case _:
            arrays[name] = array * np.float32(1e30)
    return arrays


def with_damage(content: bytes, rng: random.Random) -> bytes:
    """A file with some bytes changed, most of them near its end, or cut short."""
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 1, 4, 50))):
        last = len(damaged) if rng.random() < 0.5 else min(len(damaged), 3000)
        damaged[-1 - rng.randrange(last)] = rng.randrange(256)
    return bytes(damaged[: rng.randrange(len(damaged))] if rng.random() < 0.2 else damaged)
