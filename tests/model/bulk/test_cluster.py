"""A real Ray cluster of three nodes on this machine, one of which is killed in the middle."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from importlib.util import find_spec

import numpy as np
import pytest
from running import PROJECT

from benchmarks.bulk import cluster
from model.__main__ import main

SECONDS = 400.0  # generous: the machine may be busy


@pytest.mark.slow
@pytest.mark.timeout(3 * SECONDS)
def test_a_cluster_that_loses_a_node_writes_what_one_machine_writes(tmp_path, sevens, weights_path):
    if find_spec("ray") is None:
        pytest.skip("ray is not installed: pip install -e '.[ray]'")
    folder = tmp_path / "in"
    folder.mkdir()
    np.save(folder / "many.npy", np.tile(sevens, (10, 1, 1)))
    (folder / "bad.png").write_bytes(b"nothing")
    alone, out = tmp_path / "alone.csv", tmp_path / "out.csv"
    options = ["--weights", str(weights_path)]
    assert main(["predict", str(folder), "--out", str(alone), "--processes", "1", *options]) == 0
    partial = tmp_path / "out.csv.partial" / "rows.csv"
    command = ["predict", str(folder), "--out", str(out), "--engine", "ray", *options]
    with (
        cluster([1, 1, 1]) as running,
        subprocess.Popen(
            [sys.executable, "-m", "model", *command],
            cwd=PROJECT,
            env=os.environ | {"RAY_ADDRESS": running.address},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
        ExitStack() as stack,
    ):
        stack.callback(process.kill)  # however the test ends
        end = time.monotonic() + SECONDS
        while not (partial.exists() and partial.stat().st_size > 10_000):
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < end
            time.sleep(0.005)
        running.kill_node(2)
        assert process.poll() is None  # in the middle
        printed, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, errors.decode()
    assert out.read_bytes() == alone.read_bytes()
    assert b"wrote " in printed
    assert b"3,001 items" in printed
