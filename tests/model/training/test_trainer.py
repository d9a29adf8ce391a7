import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.data.mnist import to_frames
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU
from model.nn.losses import cross_entropy, one_hot
from model.nn.network import Network
from model.nn.optimizers import AdamW
from model.training.pools import NOT_A_DIGIT, Pools, Samples, collect
from model.training.recipes import RECIPES
from model.training.trainer import Trainer, TrainingError, shard_result, train
from model.weights import load_weights

pytestmark = pytest.mark.mnist


def small_network(seed: int) -> Network:
    network = Network(
        [
            Conv2D(8, kernel_size=5, stride=2, padding=2, bias=False),
            BatchNorm(group=8),
            ReLU(),
            MaxPool2D(),
            Dense(11),
        ]
    )
    network.initialise(np.random.default_rng(seed))
    return network


SMALL = replace(
    RECIPES["default"],
    name="small",
    network=small_network,
    epochs=4,
    batch=32,
    shard=8,
    gate=0.1,
    average_steps=20,
    validation=1000,
    pen_digits=0,
    non_digits=0,
)


def few_of(mnist):
    """1,000 images of MNIST to train on, 1,000 to validate on, 500 to test on."""
    kept = np.r_[:1000, 59_000:60_000]
    return mnist._replace(
        train_images=mnist.train_images[kept],
        train_labels=mnist.train_labels[kept],
        test_images=mnist.test_images[:500],
        test_labels=mnist.test_labels[:500],
    )


@pytest.fixture
def few(mnist):
    return few_of(mnist)


@pytest.fixture
def recipe():
    return SMALL


def pools_of(mnist, count=1000):
    labels = mnist.train_labels.astype(np.int64)
    training = Samples(mnist.train_images[:count], labels[:count])
    kept = Samples(mnist.train_images[-500:], labels[-500:])
    return Pools(training, (count,), (count,), {"mnist": kept}, {"training images": "few"})


def test_a_network_learns_fifty_images_by_heart(mnist):
    network = RECIPES["default"].network(1)
    frames = to_frames(mnist.train_images[:50])
    targets = one_hot(mnist.train_labels[:50], 10)
    for layer in network.layers:
        if isinstance(layer, BatchNorm):
            layer.group = 50
    optimizer = AdamW(np.zeros(network.vector.size, bool))
    for _ in range(60):
        logits, caches = network.forward(frames)
        losses, gradient = cross_entropy(logits[:, :10], targets)
        if losses.mean() < 0.01:
            break
        dlogits = np.zeros_like(logits)
        dlogits[:, :10] = gradient / 50
        optimizer.step(
            network.vector, network.gradient_vector(network.backward(dlogits, caches)[1]), 0.002
        )
    assert losses.mean() < 0.01


def test_shards_add_up_to_the_whole_batch(mnist, recipe):
    network = Network(small_network(1).layers, dtype=np.float64)
    network.initialise(np.random.default_rng(1))
    frames = to_frames(mnist.train_images[:32]).astype(np.float64)
    labels = mnist.train_labels[:32].astype(np.int64)
    labels[::5] = NOT_A_DIGIT
    whole = shard_result(network, frames, labels, recipe)
    parts = [
        shard_result(network, frames[start : start + 8], labels[start : start + 8], recipe)
        for start in range(0, 32, 8)
    ]
    np.testing.assert_allclose(
        sum(part.gradient for part in parts), whole.gradient, rtol=1e-9, atol=1e-12
    )
    assert sum(part.loss for part in parts) == pytest.approx(whole.loss, rel=1e-12)
    assert sum(part.correct for part in parts) == whole.correct
    assert sum(part.digits for part in parts) == whole.digits == (labels >= 0).sum()


def trained(recipe, few, folder, threads) -> np.ndarray:
    path = folder / "run.checkpoint.npz"
    trainer = Trainer(recipe, 1, pools_of(few), threads)
    assert trainer.run(path, progress=False)
    return trainer.average


def test_the_number_of_threads_changes_no_bit(few, recipe, tmp_path):
    recipe = replace(recipe, epochs=1)
    one, two, three = (trained(recipe, few, tmp_path, threads) for threads in (1, 2, 3))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, three)


def with_drawn(pools, count=400):
    """The pools, and as many drawings that are no digit."""
    frames = np.concatenate([pools.training.frames, np.zeros((count, 28, 28), np.uint8)])
    labels = np.concatenate([pools.training.labels, np.full(count, NOT_A_DIGIT)])
    return pools._replace(
        training=Samples(frames, labels),
        sizes=(*pools.sizes, count),
        an_epoch=(*pools.an_epoch, count // 2),
    )


def test_an_epoch_takes_all_of_mnist_and_a_share_of_what_is_drawn(few):
    pools = with_drawn(pools_of(few))
    for drawn, count in ((1.0, 200), (0.5, 100), (0.0, 0)):
        order = pools.order(np.random.default_rng(1), drawn)
        assert pools.counts(drawn) == (1000, count)
        assert len(set(order)) == len(order) == 1000 + count
        assert set(order[order < 1000]) == set(range(1000))


def test_the_last_epochs_see_fewer_drawn_pictures(few, recipe, tmp_path):
    recipe = replace(recipe, epochs=3, settling_epochs=2, drawn_while_settling=0.5)
    trainer = Trainer(recipe, 1, with_drawn(pools_of(few)), 1)
    assert trainer.run(tmp_path / "c.npz", progress=False)
    assert trainer.optimizer.state["steps"] == 1200 // 32 + 2 * (1100 // 32)


def test_the_size_of_shards_changes_only_rounding(few, recipe, tmp_path):
    recipe = replace(recipe, epochs=1, augmented=False, learning_rate=1e-4, average_steps=0)
    eights = trained(recipe, few, tmp_path, 1)
    whole = trained(replace(recipe, shard=32), few, tmp_path, 1)
    np.testing.assert_allclose(eights, whole, atol=2e-5)
    assert not np.array_equal(eights, recipe.network(1).vector)


def test_a_non_digit_teaches_the_eleventh_output_alone(mnist, recipe):
    network = small_network(1)
    frames = to_frames(mnist.train_images[:8])
    result = shard_result(network, frames, np.full(8, NOT_A_DIGIT), recipe)
    gradient = result.gradient[-11 * 10 - 11 :]
    assert result.digits == result.correct == 0
    np.testing.assert_array_equal(gradient[-11:-1], 0)  # the biases of the ten digits
    assert gradient[-1] > 0  # and a step makes "this is one digit" less likely


def test_training_ends_with_weights_that_say_what_they_are(few, recipe, tmp_path):
    said: list[str] = []
    _, history = train(
        recipe, 3, few, tmp_path / "w.npz", threads=2, progress=False, say=said.append
    )
    loaded = load_weights(tmp_path / "w.npz")
    assert (loaded.about["recipe"], loaded.about["seed"]) == ("small", 3)
    assert loaded.about["scores"]["mnist test error"] < 0.5
    assert len(history) == recipe.epochs
    assert history[-1]["loss"] < history[0]["loss"]
    assert "MNIST test error" in said[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["w.npz"]  # the checkpoint is gone


def test_below_the_gate_no_weights_are_written(few, recipe, tmp_path):
    recipe = replace(recipe, epochs=1, gate=0.9999)
    with pytest.raises(TrainingError, match=r"the gate of the recipe small 99\.99%; no weights"):
        train(recipe, 1, few, tmp_path / "w.npz", progress=False)
    assert not (tmp_path / "w.npz").exists()


PROGRAM = """
    import sys
    sys.path.insert(0, {tests!r})
    from pathlib import Path
    from dataclasses import replace
    import test_trainer
    import model.training.trainer as training
    from model.data.mnist import load_mnist
    training._CHECKPOINT_SECONDS = 0.2
    few = test_trainer.few_of(load_mnist(download=False))
    recipe = replace(test_trainer.SMALL, epochs=8)
    training.train(recipe, 1, few, Path({out!r}), threads=2, progress=False)
"""


def start(out: Path) -> subprocess.Popen[bytes]:
    program = textwrap.dedent(PROGRAM.format(tests=str(Path(__file__).parent), out=str(out)))
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.Popen([sys.executable, "-c", program], env=environment)


def wait_for_steps(checkpoint: Path, epoch: int) -> None:
    """Wait until a checkpoint is past an epoch and in the middle of another."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if checkpoint.exists():
            with np.load(checkpoint) as saved:
                about = json.loads(str(saved["about"]))
            if about["epoch"] >= epoch and about["step"] > 0:
                return
        time.sleep(0.02)
    raise AssertionError("no checkpoint was written in the middle of an epoch")


@pytest.mark.slow
def test_a_killed_training_resumes_to_the_same_bits(few, recipe, tmp_path):
    recipe = replace(recipe, epochs=8)
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
def test_ctrl_c_leaves_a_checkpoint_to_go_on_from(few, recipe, tmp_path):
    recipe = replace(recipe, epochs=8)
    checkpoint = tmp_path / "w.checkpoint.npz"
    process = start(tmp_path / "w.npz")
    wait_for_steps(checkpoint, 0)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    trainer = Trainer(recipe, 1, collect(recipe, 1, few), 1)
    trainer.resume(checkpoint)
    assert trainer.epoch > 0 or trainer.step > 0


@pytest.mark.parametrize(
    ("content", "message"), [(None, "there is no checkpoint"), (b"PK half", "is damaged")]
)
def test_a_checkpoint_that_cannot_be_read(content, message, few, recipe, tmp_path):
    if content is not None:
        (tmp_path / "w.checkpoint.npz").write_bytes(content)
    with pytest.raises(TrainingError, match=message):
        train(recipe, 1, few, tmp_path / "w.npz", resume=True, progress=False)


def test_another_trainings_checkpoint_is_refused(few, recipe, tmp_path):
    path = tmp_path / "c.npz"
    Trainer(recipe, 1, pools_of(few), 1).save(path)
    with pytest.raises(TrainingError, match="of another recipe, seed or data"):
        Trainer(recipe, 2, pools_of(few), 1).resume(path)
    with pytest.raises(TrainingError, match="of another recipe, seed or data"):
        Trainer(replace(recipe, batch=64), 1, pools_of(few), 1).resume(path)


def test_a_recipe_may_train_on_every_image(few, recipe, tmp_path):
    recipe = replace(recipe, epochs=1, validation=0)
    recognizer, history = train(recipe, 1, few, tmp_path / "w.npz", progress=False)
    assert list(recognizer.about["scores"]) == ["mnist test error"]
    assert recognizer.temperature == 1
    assert "mnist error" not in history[0]
    with pytest.raises(TrainingError, match="accuracy on the training images is"):
        train(replace(recipe, gate=1), 1, few, tmp_path / "v.npz", progress=False)
