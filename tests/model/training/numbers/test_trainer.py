import json
from contextlib import nullcontext
from dataclasses import asdict, replace

import numpy as np
import pytest

from model.errors import TrainingError, WeightsError
from model.nn.network import Network
from model.number_reader import NumberReader
from model.training.numbers.calibration import calibrate_numbers
from model.training.numbers.pools import collect_sprites
from model.training.numbers.recipe import NUMBERS, number_layers, rate_at
from model.training.numbers.trainer import (
    NumberTrainer,
    best_path,
    shard_result,
    texts_of,
    to_network,
    train_numbers,
)
from model.weights import SHIPPED, load_numbers, load_weights

pytestmark = pytest.mark.mnist

SMALL = replace(
    NUMBERS,
    steps=6,
    shards=3,
    shard=480,
    warmup_steps=2,
    settling_steps=2,
    average_steps=3,
    writers=3,
    others=40,
    check_steps=3,
    validation_strips=4,
    calibration_pictures=4,
    calibration_others=2,
    statistics_strips=8,
    gate=0.0,
)


@pytest.fixture(scope="module")
def few(mnist):
    kept = np.r_[:400, 58_000:60_000]
    return mnist._replace(
        train_images=mnist.train_images[kept], train_labels=mnist.train_labels[kept]
    )


@pytest.fixture(scope="module")
def pools(few):
    return collect_sprites(SMALL, 1, few, 1, progress=False)


def trained(pools, steps, threads=1, recipe=SMALL, path=None):
    trainer = NumberTrainer(replace(recipe, steps=steps), 1, pools, threads)
    assert trainer.run(path, lambda: False, progress=False)
    return trainer


def test_the_rate_rises_stays_and_falls():
    recipe = replace(NUMBERS, steps=100, warmup_steps=10, settling_steps=20, learning_rate=1.0)
    rates = [rate_at(recipe, step) for step in range(100)]
    np.testing.assert_allclose(rates[:10], np.arange(1, 11) / 10)
    assert set(rates[10:80]) == {1.0}
    np.testing.assert_allclose(rates[80:], np.arange(20, 0, -1) / 20)


def test_the_gradient_of_a_shard_is_the_slope_of_its_loss(pools):
    strips = pools.training.strips(8, 48, np.random.default_rng(0))
    network = NumberTrainer(SMALL, 1, pools, 1).network
    result = shard_result(network, strips)
    step = 1e-3 / np.linalg.norm(result.gradient)
    before = network.vector.copy()
    losses = []
    for sign in (1, -1):
        network.vector[...] = before + np.float32(sign * step) * result.gradient
        losses.append(shard_result(network, strips).loss)
    slope = (losses[0] - losses[1]) / (2 * step)
    np.testing.assert_allclose(slope, (result.gradient.astype(float) ** 2).sum(), rtol=0.05)


def test_training_lowers_the_loss(pools):
    strips = pools.training.strips(20, 48, np.random.default_rng(9))
    before = NumberTrainer(SMALL, 1, pools, 1)
    after = trained(pools, 60, recipe=replace(SMALL, check_steps=1000))
    losses = [shard_result(t.network, strips).loss for t in (before, after)]
    assert losses[1] < 0.6 * losses[0]


def test_threads_change_nothing(pools):
    one, two = trained(pools, 3, threads=1), trained(pools, 3, threads=2)
    np.testing.assert_array_equal(one.network.vector, two.network.vector)
    np.testing.assert_array_equal(one.average, two.average)


def test_a_training_broken_off_goes_on_to_the_same_weights(pools, tmp_path):
    whole = trained(pools, 6)
    first = NumberTrainer(SMALL, 1, pools, 1)
    seen = []
    checkpoint = tmp_path / "checkpoint.npz"
    assert not first.run(checkpoint, lambda: seen.append(1) or len(seen) > 6, progress=False)
    assert 0 < first.step < 6
    second = NumberTrainer(SMALL, 1, pools, 2)
    second.resume(checkpoint)
    assert second.run(checkpoint, lambda: False, progress=False)
    np.testing.assert_array_equal(second.network.vector, whole.network.vector)
    np.testing.assert_array_equal(second.average, whole.average)
    assert [record["step"] for record in second.history] == [3, 6]


def test_a_longer_training_begins_as_a_shorter_one(pools, tmp_path):
    # Up to where the shorter one begins to settle, at step 4 of 6.
    checkpoint = tmp_path / "checkpoint.npz"
    first = NumberTrainer(SMALL, 1, pools, 1)
    seen = []
    first.run(checkpoint, lambda: seen.append(1) or len(seen) > 4, progress=False)
    longer = NumberTrainer(replace(SMALL, steps=9), 1, pools, 1)
    longer.resume(checkpoint)
    assert longer.run(checkpoint, lambda: False, progress=False)
    np.testing.assert_array_equal(longer.network.vector, trained(pools, 9).network.vector)


def test_the_checkpoint_of_another_training_is_refused(pools, tmp_path):
    checkpoint = tmp_path / "checkpoint.npz"
    NumberTrainer(SMALL, 1, pools, 1).save(checkpoint)
    other = NumberTrainer(replace(SMALL, learning_rate=1e-5), 1, pools, 1)
    with pytest.raises(TrainingError, match="another recipe or seed"):
        other.resume(checkpoint)
    with pytest.raises(TrainingError, match="there is no checkpoint"):
        other.resume(tmp_path / "none.npz")
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    with pytest.raises(TrainingError, match="damaged"):
        other.resume(checkpoint)


def test_a_finished_training_writes_weights_that_read(few, tmp_path):
    out = tmp_path / "numbers.npz"
    said = []
    digits = load_weights(SHIPPED / "digits.npz")
    assert train_numbers(
        SMALL, 1, few, out, digits=digits, threads=1, progress=False, say=said.append
    )
    reader = load_numbers(out)
    assert reader.about["recipe"] == "numbers"
    assert reader.about["recipe values"] == json.loads(json.dumps(asdict(SMALL)))
    assert reader.about["seed"] == 1
    assert len(reader.about["data"]["training images"]) == 64
    assert reader.about["scores"].keys() >= {"width 48 validation error"}
    assert reader.about["calibrated beside"] == digits.digest
    assert reader.digest in said[0]
    assert not list(tmp_path.glob("*checkpoint*"))
    picture = np.full((100, 100), 255, np.uint8)
    picture[20:80, 45:55] = 0
    assert reader.read(picture).number.isdecimal()
    with pytest.raises(WeightsError, match="another task than single digits"):
        load_weights(out)


def test_the_networks_of_an_earlier_training_are_put_behind_the_trained_one(few, tmp_path):
    out = tmp_path / "numbers.npz"
    quiet = {"threads": 1, "progress": False, "say": lambda _: None}
    train_numbers(replace(SMALL, name="another", steps=4), 2, few, out, **quiet)
    earlier = load_numbers(out, folded=False)
    train_numbers(SMALL, 1, few, out, second=earlier, **quiet)
    both = load_numbers(out, folded=False)
    [behind] = both.behind
    np.testing.assert_array_equal(behind.vector, halved(earlier.network))
    assert not np.allclose(behind.vector, both.network.vector)
    assert both.about["recipe values"] == json.loads(json.dumps(asdict(SMALL)))
    assert both.about["second"]["recipe"] == "another"
    assert both.about["second"]["recipe values"]["steps"] == 4
    assert both.about["second"]["seed"] == 2
    assert not list(tmp_path.glob("*checkpoint*"))
    train_numbers(SMALL, 3, few, out, second=both, **quiet)
    three = load_numbers(out, folded=False)
    assert [three.about[name]["seed"] for name in ("second", "third")] == [1, 2]
    assert "second" not in three.about["second"]
    for network, wanted in zip(three.behind, (both.network, earlier.network), strict=True):
        np.testing.assert_array_equal(network.vector, halved(wanted))
    train_numbers(SMALL, 4, few, out, second=three, **quiet)
    later = load_numbers(out, folded=False)
    assert [later.about[name]["seed"] for name in ("second", "third")] == [3, 1], "two at most"
    assert len(later.behind) == 2


def halved(network: Network) -> np.ndarray:
    """The numbers of a network as a file keeps them for one behind the first."""
    return network.vector.astype(np.float16).astype(np.float32)


def test_other_networks_are_put_behind_without_a_training(few, tmp_path):
    out, before = tmp_path / "numbers.npz", tmp_path / "before.npz"
    quiet = {"threads": 1, "progress": False, "say": lambda _: None}
    digits = load_weights(SHIPPED / "digits.npz")
    train_numbers(SMALL, 2, few, before, digits=digits, **quiet)
    earlier = load_numbers(before, folded=False)
    train_numbers(SMALL, 1, few, out, digits=digits, **quiet)
    alone = load_numbers(out, folded=False)
    calibrate_numbers(SMALL, 1, few, out, digits=digits, second=earlier, **quiet)
    added = out.read_bytes()
    train_numbers(SMALL, 1, few, out, digits=digits, second=earlier, **quiet)
    assert out.read_bytes() == added, "as if it had been trained with them"
    np.testing.assert_array_equal(
        load_numbers(out, folded=False).network.vector, alone.network.vector
    )


def test_a_second_network_of_other_layers_is_refused_before_the_training(few, tmp_path):
    other = NumberReader(Network(number_layers()[1:], input_shape=(36, 120, 1)), None)
    with pytest.raises(TrainingError, match="other layers than the one to be trained"):
        train_numbers(SMALL, 1, few, tmp_path / "numbers.npz", second=other)
    assert not list(tmp_path.iterdir())


def test_a_training_that_was_broken_off_leaves_the_earlier_one(few, tmp_path, monkeypatch):
    out = tmp_path / "numbers.npz"
    quiet = {"threads": 1, "progress": False, "say": lambda _: None}
    train_numbers(SMALL, 1, few, out, **quiet)
    earlier, content = load_numbers(out, folded=False), out.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(
            "model.training.numbers.trainer.interruptions", lambda: nullcontext(lambda: True)
        )
        assert train_numbers(SMALL, 2, few, out, second=earlier, **quiet) is None
    assert out.read_bytes() == content
    [left] = tmp_path.glob("*checkpoint*")
    assert left.name == "numbers.checkpoint.npz"
    train_numbers(SMALL, 2, few, out, second=earlier, resume=True, **quiet)
    resumed = out.read_bytes()
    train_numbers(SMALL, 2, few, out, second=earlier, **quiet)
    assert out.read_bytes() == resumed


def test_confidence_is_fitted_anew_to_the_bit_and_nothing_else_changes(few, tmp_path):
    out = tmp_path / "numbers.npz"
    quiet = {"threads": 1, "progress": False, "say": lambda _: None}
    digits = load_weights(SHIPPED / "digits.npz")
    train_numbers(SMALL, 1, few, out, digits=digits, **quiet)
    trained, content = load_numbers(out), out.read_bytes()
    calibrate_numbers(SMALL, 1, few, out, digits=digits, **quiet)
    assert out.read_bytes() == content

    others = replace(digits, digest="others")
    fewer = replace(SMALL, calibration_pictures=3)
    calibrate_numbers(fewer, 1, few, out, digits=others, **quiet)
    anew = load_numbers(out)
    np.testing.assert_array_equal(anew.network.vector, trained.network.vector)
    assert (anew.scale, anew.offset) != (trained.scale, trained.offset)
    assert anew.about["recipe values"]["calibration_pictures"] == 3
    assert anew.about["calibrated beside"] == "others"
    assert anew.about["scores"] == trained.about["scores"]

    content = out.read_bytes()
    for recipe, seed in ((SMALL, 2), (replace(SMALL, steps=7), 1)):
        with pytest.raises(TrainingError, match="another recipe or seed"):
            calibrate_numbers(recipe, seed, few, out, digits=digits, **quiet)
    assert out.read_bytes() == content


def test_below_the_gate_no_weights_are_written_but_what_to_go_on_from(few, pools, tmp_path):
    out = tmp_path / "numbers.npz"
    recipe = replace(SMALL, steps=2, gate=1.0)
    with pytest.raises(TrainingError, match=r"100\.0% are wanted; no weights were written"):
        train_numbers(recipe, 1, few, out, threads=1, progress=False, say=lambda _: None)
    assert not out.exists()
    trainer = NumberTrainer(recipe, 1, pools, 1)
    trainer.resume(tmp_path / "numbers.checkpoint.npz")
    assert trainer.step == 2


def test_best_path_merges_and_leaves_out_blanks():
    columns = [10, 1, 1, 10, 1, 7, 7, 10]
    logits = np.eye(11)[columns][np.newaxis]
    assert best_path(logits) == [(1, 1, 7)]


def test_strips_become_what_the_network_wants(pools):
    strips = pools.training.strips(3, 48, np.random.default_rng(0))
    x = to_network(strips.ink)
    assert x.shape == (3, 36, 48, 1)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x[..., 0], strips.ink / 255 - 0.5, atol=1e-6)
    assert all(all(0 <= sign <= 9 for sign in text) for text in texts_of(strips))
