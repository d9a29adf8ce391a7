"""Whole runs of the command: what it writes, and what is left when it ends early."""

import csv
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import zipfile
from itertools import chain
from typing import NamedTuple

import numpy as np
import psutil
import pytest
from running import PROJECT

from model.__main__ import main
from model.bulk.cluster import score_on_cluster
from model.bulk.items import ArrayPicture, Unreadable
from model.bulk.processes import score_here, score_in_processes
from model.bulk.rows import DIGIT_COLUMNS
from model.errors import CommandError

SECONDS = 150.0  # generous: the machine may be busy


def predict(*arguments, processes=1):
    return main(["predict", *map(str, arguments), "--processes", str(processes)])


def rows(out):
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def mixture(tmp_path, png, sevens):
    """A folder with every kind of input, good and bad."""
    folder = tmp_path / "in"
    folder.mkdir()
    np.save(folder / "a.npy", sevens[:70])
    (folder / "bad.png").write_bytes(png[:100])
    with zipfile.ZipFile(folder / "c.zip", "w") as made:
        made.writestr("seven.png", png)
        made.writestr("bad.png", b"nothing")
        made.writestr("cut.png", png)
        made.writestr("z.png", png)
    data = bytearray((folder / "c.zip").read_bytes())
    cut = data.index(b"cut.png") + len("cut.png") + len(png) // 2
    data[cut : cut + 50] = bytes(50)
    (folder / "c.zip").write_bytes(data)
    (folder / "d.zip").write_bytes(b"PK\3\4 damaged")
    (folder / "idx").write_bytes(
        struct.pack(">4B3I", 0, 0, 8, 3, 3, 28, 28) + bytes(sevens[:2])[:-1]
    )
    (folder / "missing.png").symlink_to(folder / "nothing.png")
    (folder / "notes.txt").write_text("left out")
    np.save(folder / "wrong.npy", np.zeros(3))
    (folder / "z.png").write_bytes(png)
    return folder


BAD = {  # of the mixture, with what is wrong
    "bad.png": "is not a picture that can be read",
    "c.zip/bad.png": "is not a picture that can be read",
    "c.zip/cut.png": "is damaged or was cut short",
    "d.zip": "is damaged or was cut short",
    "idx[1]": "is damaged or was cut short",
    "missing.png": "does not exist",
    "wrong.npy": "holds float64 (3,); what is read are pictures uint8 (N, H, W), 0 black to 255 "
    "white",
}


def test_a_table_of_all_that_is_in_a_folder(mixture, tmp_path, weights_path, capsys):
    out = tmp_path / "out.csv"
    assert predict(mixture, "--out", out, "--weights", weights_path) == 0
    found = rows(out)
    assert [*found[0]] == [*DIGIT_COLUMNS]
    names = [row["source"].removeprefix(f"{mixture}/") for row in found]
    assert names == [
        *(f"a.npy[{index}]" for index in range(70)),
        "bad.png",
        *("c.zip/seven.png", "c.zip/bad.png", "c.zip/cut.png", "c.zip/z.png"),
        *("d.zip", "idx[0]", "idx[1]", "missing.png", "wrong.npy", "z.png"),
    ]
    errors = {name: row["error"] for name, row in zip(names, found, strict=True)}
    assert {name: error for name, error in errors.items() if error} == BAD
    sevens = [row for row in found if row["source"].endswith(("z.png", "seven.png"))]
    assert [(row["digit"], row["verdict"]) for row in sevens] == [("7", "digit")] * 3
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"wrote {out}: 81 items, in ")
    assert said[1] == (
        f"7 could not be read; the first: {mixture}/bad.png is not a picture that can be read"
    )
    assert said[2].startswith("1 things in folders were left out")
    assert not (tmp_path / "out.csv.partial").exists()


def test_any_number_of_processes_writes_the_same(mixture, tmp_path, weights_path):
    for processes in (1, 2):
        out = tmp_path / f"{processes}.csv"
        options = ["--out", out, "--weights", weights_path]
        assert predict(mixture, *options, processes=processes) == 0
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


def test_without_a_table_all_are_printed_and_the_bad_ones_besides(mixture, weights_path, capsys):
    assert predict(mixture, "--weights", weights_path) == 1
    printed = capsys.readouterr()
    assert f"{mixture}/z.png: 7 (digit)" in printed.out
    assert printed.err.splitlines() == [f"error: {mixture}/{name} {BAD[name]}" for name in BAD]


def test_numbers_have_a_table_too(tmp_path, seven, weights_path):
    np.save(tmp_path / "a.npy", np.stack([seven, seven]))
    out = tmp_path / "out.csv"
    numbers = weights_path.with_name("numbers.npz")
    options = ["--out", out, "--weights", numbers, "--digits", weights_path]
    assert main(["read", str(tmp_path / "a.npy"), *map(str, options)]) == 0
    assert [row["number"] for row in rows(out)] == ["7", "7"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--resume"], "name it with --out"),
        (["--out", "out.txt"], "neither .csv nor .parquet"),
        (["nothing", "--out", "out.csv"], "there is no file nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, reason, mixture, weights_path, capsys):
    assert predict(mixture, *arguments, "--weights", weights_path) == 1
    assert reason in capsys.readouterr().err


def test_a_table_that_cannot_be_written_is_said(mixture, tmp_path, weights_path, capsys):
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "out.csv"
    assert predict(mixture, "--out", out, "--weights", weights_path) == 1
    assert f"error: {out} cannot be written (" in capsys.readouterr().err


# ---- runs that end early -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def many(tmp_path_factory, sevens):
    """Three thousand pictures: a second of work; and two that cannot be read."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "a.png").touch()
    np.save(folder / "many.npy", np.tile(sevens, (10, 1, 1)))
    (folder / "z.png").touch()
    return folder


@pytest.fixture(scope="module")
def uninterrupted(many, weights_path):
    out = many.with_name("whole.csv")
    assert predict(many, "--out", out, "--weights", weights_path) == 0
    return out.read_bytes()


def started(many, out, weights_path, *options):
    command = ["predict", many, "--out", out, "--weights", weights_path, "--processes", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "model", *map(str, command), *options],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # What a shell starts in the background would ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    partial = out.with_name(f"{out.name}.partial") / "rows.csv"
    end = time.monotonic() + SECONDS
    while not (partial.exists() and partial.stat().st_size > 10_000):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.005)
    return process


def gone(processes):
    _, alive = psutil.wait_procs(processes, timeout=SECONDS)
    return not alive


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_ended_goes_on_to_the_same_table(
    number, many, tmp_path, weights_path, uninterrupted, capsys
):
    out = tmp_path / "out.csv"
    process = started(many, out, weights_path)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    process.send_signal(number)
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    if number == signal.SIGINT:
        assert f"stopped; --resume goes on with {out}".encode() in errors
        assert b"Traceback" not in errors
    assert gone(children)
    assert not out.exists()
    options = ["--out", out, "--weights", weights_path]
    assert predict(many, *options) == 1
    assert "go on with --resume" in capsys.readouterr().err
    assert predict(many, *options, "--resume") == 0
    assert out.read_bytes() == uninterrupted
    said = capsys.readouterr().out
    assert " of them earlier" in said
    assert f"2 could not be read; the first: {many}/a.png: is not a picture" in said


def test_other_inputs_are_not_mixed_with_those_of_an_unfinished_run(
    many, tmp_path, weights_path, sevens, capsys
):
    out = tmp_path / "out.csv"
    process = started(many, out, weights_path)
    process.kill()
    process.communicate()
    other = tmp_path / "other.npy"
    np.save(other, sevens)
    assert predict(other, "--out", out, "--weights", weights_path, "--resume") == 1
    said = capsys.readouterr().err
    assert f"what was read in row 1 was {many}/a.png, and now it would be {other}[0]" in said


def test_a_process_that_is_killed_costs_nothing(many, tmp_path, weights_path, uninterrupted):
    out = tmp_path / "out.csv"
    process = started(many, out, weights_path)
    # The first child may be the tracker of multiprocessing's resources: workers are the busy ones.
    workers = sorted(psutil.Process(process.pid).children(), key=lambda one: one.cpu_times().user)
    os.kill(workers[-1].pid, signal.SIGKILL)
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, errors
    assert out.read_bytes() == uninterrupted


class Deadly(NamedTuple):
    """An item of which every process dies that is given it."""

    source: str

    def __reduce__(self):
        return exec, ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)",)


def test_what_a_process_dies_of_costs_its_row_and_no_more(task, scorer, sevens):
    pictures = [ArrayPicture(f"[{number}]", picture) for number, picture in enumerate(sevens[:70])]
    items = [*pictures[:5], Deadly("bad"), *pictures[5:]]
    found = list(chain.from_iterable(score_in_processes(task, items, 2)))
    bad = found.pop(5)
    assert found == list(chain.from_iterable(score_here(scorer, pictures)))
    assert bad.failed
    assert bad.said == (
        "bad cannot be read (the process that reads it dies, perhaps for want of memory)"
    )


def test_processes_that_always_die_end_the_run(task, monkeypatch):
    monkeypatch.setattr("model.bulk.processes._score", Deadly(""))
    monkeypatch.setattr("model.bulk.processes._TRIES", 1)
    with pytest.raises(CommandError, match=r"die whatever they read.*--resume goes on"):
        list(score_in_processes(task, [Unreadable("a", "is damaged")] * 3, 1))


def test_a_cluster_that_nobody_runs_is_said_at_once(task, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # where nobody listens
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        with pytest.raises(
            CommandError, match=f"no cluster can be reached at RAY_ADDRESS={address}"
        ):
            list(score_on_cluster(task, []))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_items(tmp_path, sevens, weights_path):
    peaks = []
    for repeats in (1, 10):
        path = tmp_path / f"{repeats}.npy"
        np.save(path, np.tile(sevens, (repeats, 1, 1)))
        command = ["predict", path, "--out", tmp_path / f"{repeats}.csv", "--processes", "1"]
        program = (
            "import resource, sys\n"
            "from model.__main__ import main\n"
            "code = main(sys.argv[1:])\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
            "sys.exit(code)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, command), "--weights", str(weights_path)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout.split()[-1]) / 1024)
    assert peaks[1] - peaks[0] < 3  # MB, for ten times as many
