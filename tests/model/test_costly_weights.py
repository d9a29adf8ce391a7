"""What a weights file may cost whoever loads it: a second, and the size of the largest file."""

import io
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from odd_weights import CONV, DENSE, good_file, write

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return good_file(tmp_path_factory.mktemp("good") / "weights.npz")


def entry(name, size, packed_size, method, extra=b""):
    """An entry in the directory of a ZIP, for a member at its beginning."""
    numbers = (20, 20, 0, method, 0, 0, 0, packed_size, size, len(name), len(extra), 0, 0, 0, 0, 0)
    return struct.pack("<4s6H3I5H2I", b"PK\1\2", *numbers) + name + extra


def archive(first, entries):
    directory = b"".join(entries)
    count = min(len(entries), 2**16 - 1)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(first), 0)
    return first + directory + end


def member(name, method, packed):
    header = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, method, 0, 0, 0, len(packed), 0, 1, 0)
    return header + name + packed


def bomb(method, size):
    """An archive of zeros that declares 1,000 bytes and unpacks to many more."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed, packed.open("about.npy", "w") as about:
        for _ in range(size // 2**20):
            about.write(bytes(2**20))
    content = bytearray(file.getvalue())
    struct.pack_into("<I", content, content.rindex(b"PK\1\2") + 24, 1000)
    return bytes(content)


def header(text):
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode()


def layers(rows):
    return lambda path, good: write(path, good[0] | {"architecture": rows}, good[1])


def of_bytes(make):
    return lambda path, good: path.write_bytes(make())


COSTLY = {
    "200,000 layers": layers([{"layer": "ReLU"}] * 200_000),
    "1,000 layers": layers([{"layer": "ReLU"}] * 1000),
    "a large filter": layers([CONV | {"filters": 1, "kernel": 4095, "padding": 4094}, DENSE]),
    "many filters": layers([CONV | {"filters": 4096}] * 2 + [DENSE]),
    "growing pictures": layers([CONV | {"filters": 1, "kernel": 4095, "padding": 4094}] * 49),
    "deep JSON": lambda path, good: write(path, None, good[1], text=b'{"a":' * 10_000),
    "a large file": of_bytes(lambda: b"PK" + bytes(64 * 2**20)),
    "many entries": of_bytes(lambda: archive(b"PK\3\4", [entry(b"a", 0, 0, 0)] * 2**20)),
    "long entries": of_bytes(
        lambda: archive(b"PK\3\4", [entry(b"a", 0, 0, 0, b"xx\0\0" * 16_000)] * 201)
    ),
    "overlapping members": of_bytes(
        lambda: archive(
            member(b"a", 0, header("{'descr': '|u1', 'fortran_order': False, 'shape': (9,)}")),
            [entry(b"a", 2**20, 2**20, 0)] * 201,
        )
    ),
    "a large array": of_bytes(
        lambda: archive(
            member(b"a", 0, header("{'descr': '|u1', 'fortran_order': False, 'shape': (9**10,)}")),
            [entry(b"a", 1000, 1000, 0)],
        )
    ),
    "a long header": of_bytes(
        lambda: archive(
            member(b"a", 0, header("(" * 30_000)), [entry(b"a", 30_010, 30_010, 0)] * 201
        )
    ),
    "a deflate bomb": of_bytes(lambda: bomb(zipfile.ZIP_DEFLATED, 100 * 2**20)),
    "a bzip2 bomb": of_bytes(lambda: bomb(zipfile.ZIP_BZIP2, 100 * 2**20)),
    "an lzma bomb": of_bytes(lambda: bomb(zipfile.ZIP_LZMA, 100 * 2**20)),
    "a pipe": lambda path, good: os.mkfifo(path),
    "an endless device": lambda path, good: path.symlink_to("/dev/zero"),
}
MEASURE = """
import resource, sys, time
from pathlib import Path
from model.errors import WeightsError
from model.weights import load_weights

def peak():
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

before, start = peak(), time.process_time()
try:
    load_weights(sys.argv[1])
except WeightsError as error:
    print(f"{time.process_time() - start:.3f} {peak() - before:.1f} {error}")
"""


@pytest.mark.parametrize("kind", COSTLY)
def test_no_file_costs_more_than_a_second_and_its_own_size(tmp_path, good, kind):
    path = tmp_path / "w.npz"
    COSTLY[kind](path, good)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    seconds, megabytes, said = done.stdout.split(" ", 2)
    assert said.startswith(f"weights file {path} "), done.stdout
    assert float(seconds) < 1, "seconds of CPU"
    # 64 MiB is the largest file that is read at all.
    assert float(megabytes) < 80, "MB more than before"
