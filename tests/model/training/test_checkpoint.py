"""A training that is broken off goes on to the same bits, and with nothing but its own."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from small_training import SMALL, changed, pools_of, small_network

from model.errors import TrainingError
from model.nn.layers import Dense
from model.nn.network import Network
from model.training.checkpoint import fingerprint, resume, save
from model.training.pools import collect
from model.training.run import train
from model.training.trainer import Trainer

pytestmark = pytest.mark.mnist

PROGRAM = """
    from pathlib import Path
    from small_training import SMALL, changed, few_of
    import model.training.trainer
    from model.data.mnist import load_mnist
    from model.training.run import train
    model.training.trainer._SAVE_SECONDS = 0.2
    few = few_of(load_mnist(download=False))
    train(changed(SMALL, epochs=8), 1, few, Path({out!r}), threads=2, progress=False)
"""


def start(out: Path) -> subprocess.Popen[bytes]:
    program = textwrap.dedent(PROGRAM.format(out=str(out)))
    project = Path(__file__).parents[3]
    paths = os.pathsep.join(map(str, (project, project / "tests" / "helpers")))
    return subprocess.Popen([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": paths})


def wait_for_steps(checkpoint: Path, epoch: int) -> None:
    """Wait until a checkpoint is past an epoch and in the middle of another."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if checkpoint.exists():
            with np.load(checkpoint) as saved:
                about = json.loads(str(saved["about"]))
            if len(about["history"]) >= epoch and about["step"] > 0:
                return
        time.sleep(0.02)
    raise AssertionError("no checkpoint was written in the middle of an epoch")


@pytest.mark.slow
def test_a_killed_training_resumes_to_the_same_bits(few, tmp_path):
    recipe = changed(SMALL, epochs=8)
    out = tmp_path / "killed.npz"
    process = start(out)
    try:
        wait_for_steps(tmp_path / "killed.checkpoint.npz", 2)
    finally:
        process.kill()
        process.wait()
    assert not out.exists()
    train(recipe, 1, few, out, resume=True, threads=1, progress=False)
    train(recipe, 1, few, tmp_path / "whole.npz", threads=2, progress=False)
    assert out.read_bytes() == (tmp_path / "whole.npz").read_bytes()


@pytest.mark.slow
def test_ctrl_c_leaves_a_checkpoint_to_go_on_from(few, tmp_path):
    recipe = changed(SMALL, epochs=8)
    checkpoint = tmp_path / "w.checkpoint.npz"
    process = start(tmp_path / "w.npz")
    wait_for_steps(checkpoint, 0)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    trainer = Trainer(recipe, 1, collect(recipe.data, 1, few), 1)
    resume(trainer, checkpoint)
    assert trainer.epoch > 0 or trainer.step > 0


def test_everything_comes_back(few, tmp_path):
    trainer = Trainer(changed(SMALL, epochs=1), 1, pools_of(few), 1)
    assert trainer.run(progress=False)
    trainer.step = 7
    trainer.sums[...] = 1.5, 2, 3
    save(trainer, tmp_path / "c.npz")
    other = Trainer(trainer.recipe, 1, pools_of(few), 1)
    resume(other, tmp_path / "c.npz")
    assert other.history == trainer.history
    assert (other.epoch, other.step) == (1, 7)
    assert other.sums.tolist() == [1.5, 2, 3]
    for name, array in trainer.arrays().items():
        np.testing.assert_array_equal(other.arrays()[name], array, err_msg=name)


@pytest.mark.parametrize(
    ("content", "message"), [(None, "there is no checkpoint"), (b"PK half", "is damaged")]
)
def test_a_checkpoint_that_cannot_be_read(content, message, few, tmp_path):
    if content is not None:
        (tmp_path / "w.checkpoint.npz").write_bytes(content)
    with pytest.raises(TrainingError, match=message):
        train(SMALL, 1, few, tmp_path / "w.npz", resume=True, progress=False)


def test_a_folder_in_its_place_cannot_be_read(few, tmp_path):
    (tmp_path / "c.npz").mkdir()
    with pytest.raises(TrainingError, match="cannot be read: Is a directory"):
        resume(Trainer(SMALL, 1, pools_of(few), 1), tmp_path / "c.npz")


def other_values(part):
    """The dataclass with each of its values changed in turn, and in turn those of its parts."""
    for field in fields(part):
        value = getattr(part, field.name)
        if is_dataclass(value):
            yield from (replace(part, **{field.name: other}) for other in other_values(value))
        elif isinstance(value, str):
            yield replace(part, **{field.name: {"adamw": "sgd"}.get(value, value + "'")})
        elif isinstance(value, bool):
            yield replace(part, **{field.name: not value})
        elif isinstance(value, int | float):
            yield replace(part, **{field.name: value + 1})
        else:
            assert field.name == "network"


def test_every_value_of_the_recipe_counts_and_so_do_layers_seed_and_data(few):
    pools = pools_of(few)
    own = fingerprint(Trainer(SMALL, 1, pools, 1))
    assert own == fingerprint(Trainer(SMALL, 1, pools, 2)), "threads do not"
    recipes = list(other_values(SMALL))
    assert len(recipes) == 28, "a value that was added to the recipe is changed here too"

    def with_more_layers(seed: int) -> Network:
        network = Network([*small_network(seed).layers, Dense(11)])
        network.initialise(np.random.default_rng(seed))
        return network

    others = [Trainer(recipe, 1, pools, 1) for recipe in recipes]
    others += [
        Trainer(replace(SMALL, network=with_more_layers), 1, pools, 1),
        Trainer(SMALL, 2, pools, 1),
        Trainer(SMALL, 1, pools._replace(digests={"training images": "others"}), 1),
    ]
    for other in others:
        assert fingerprint(other) != own, other.recipe


def test_another_trainings_checkpoint_is_refused(few, tmp_path):
    path = tmp_path / "c.npz"
    save(Trainer(SMALL, 1, pools_of(few), 1), path)
    for recipe, seed in ((SMALL, 2), (changed(SMALL, batch=64), 1)):
        with pytest.raises(TrainingError, match="of another recipe, seed or data"):
            resume(Trainer(recipe, seed, pools_of(few), 1), path)
