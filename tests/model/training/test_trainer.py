import signal
from dataclasses import replace

import numpy as np
import pytest
from small_training import SMALL, changed, pools_of

from model.samples import NON_DIGIT_LABEL, Samples
from model.training.shards import ShardResult
from model.training.trainer import Trainer, make_optimizer

pytestmark = pytest.mark.mnist


def trained(recipe, few, threads) -> np.ndarray:
    trainer = Trainer(recipe, 1, pools_of(few), threads)
    assert trainer.run(progress=False)
    return trainer.average


def test_the_number_of_threads_changes_no_bit(few):
    recipe = changed(SMALL, epochs=1)
    one, two, three = (trained(recipe, few, threads) for threads in (1, 2, 3))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, three)


def with_drawn(pools, count=400):
    """The pools, and as many drawings that are no digit."""
    frames = np.concatenate([pools.training.frames, np.zeros((count, 28, 28), np.uint8)])
    labels = np.concatenate([pools.training.labels, np.full(count, NON_DIGIT_LABEL)])
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


def test_the_last_epochs_see_fewer_drawn_pictures(few):
    recipe = changed(SMALL, epochs=3, settling_epochs=2, drawn_while_settling=0.5)
    trainer = Trainer(recipe, 1, with_drawn(pools_of(few)), 1)
    assert trainer.run(progress=False)
    assert trainer.optimizer.state["steps"] == 1200 // 32 + 2 * (1100 // 32)


def test_the_size_of_shards_changes_only_rounding(few):
    recipe = changed(SMALL, epochs=1, augmented=False, learning_rate=1e-4, average_steps=0)
    eights = trained(recipe, few, 1)
    whole = trained(changed(recipe, shard=32), few, 1)
    np.testing.assert_allclose(eights, whole, atol=2e-5)
    assert not np.array_equal(eights, recipe.network(1).vector)


def test_an_image_is_distorted_anew_in_every_shard_step_and_epoch(few, monkeypatch):
    seen: list[np.ndarray] = []

    def keep(network, frames, labels, weights, out):
        seen.append(frames.copy())
        out[...] = 0
        return ShardResult(out, 0.0, 0, 1)

    monkeypatch.setattr("model.training.trainer.shard_result", keep)
    pools = pools_of(few)
    only_one = np.zeros(len(pools.training.labels), np.int64)
    monkeypatch.setattr(type(pools), "order", lambda *_: only_one)
    recipe = changed(SMALL, epochs=2, augmented=True)
    assert Trainer(recipe, 1, pools, 1).run(progress=False)
    shards = [frames.tobytes() for frames in seen]
    assert len(set(shards)) == len(shards) >= 4


def test_only_weights_are_pulled_towards_zero(few):
    network = SMALL.network(1)
    network.vector[...] = 1
    update = replace(SMALL.update, optimizer="adamw", weight_decay=0.5)
    still = np.zeros_like(network.vector)
    make_optimizer(update, network).step(network.vector, still, 0.1)
    for layer in network.layers:
        for name, array in layer.parameters.items():
            pulled = 0.95 if name == "weights" else 1.0
            np.testing.assert_allclose(array, pulled, rtol=1e-6, err_msg=f"{layer} {name}")


def test_each_epoch_leaves_a_record_and_is_saved(few):
    trainer = Trainer(changed(SMALL, epochs=2), 1, pools_of(few), 1)
    saved = []
    assert trainer.run(lambda: saved.append((trainer.epoch, trainer.step)), progress=False)
    assert saved[-1] == (2, 0)
    assert (1, 0) in saved
    first, second = trainer.history
    assert (first.epoch, second.epoch) == (1, 2)
    assert second.loss < first.loss
    assert 0 < first.accuracy < second.accuracy < 1
    assert min(first.seconds, second.seconds) > 0
    assert second.validation_errors.keys() == {"mnist"}
    assert 0 < second.validation_errors["mnist"] < 0.9


def test_ctrl_c_ends_it_behind_the_step_under_way_and_saves_that(few):
    trainer = Trainer(SMALL, 1, pools_of(few), 1)
    take_step, before = trainer.take_step, signal.getsignal(signal.SIGINT)
    saved = []

    def interrupted(*arguments):
        take_step(*arguments)
        if trainer.step == 3:
            signal.raise_signal(signal.SIGINT)

    trainer.take_step = interrupted
    assert not trainer.run(lambda: saved.append((trainer.epoch, trainer.step)), progress=False)
    assert saved == [(0, 3)]
    assert signal.getsignal(signal.SIGINT) is before
