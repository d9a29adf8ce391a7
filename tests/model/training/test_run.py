import numpy as np
import pytest
from small_training import SMALL, changed

from model.errors import TrainingError
from model.training.pools import collect
from model.training.recipes import Data, Drawn
from model.training.run import train
from model.weights import load_weights

pytestmark = pytest.mark.mnist


def test_training_ends_with_weights_that_say_what_they_are(few, tmp_path):
    said: list[str] = []
    _, history = train(
        SMALL, 3, few, tmp_path / "w.npz", threads=2, progress=False, say=said.append
    )
    loaded = load_weights(tmp_path / "w.npz")
    assert (loaded.about["recipe"], loaded.about["seed"]) == ("small", 3)
    assert loaded.about["scores"]["mnist test error"] < 0.5
    errors = history[-1].validation_errors
    assert loaded.about["scores"]["mnist validation error"] == errors["mnist"]
    assert len(history) == SMALL.schedule.epochs
    assert history[-1].loss < history[0].loss
    assert "MNIST test error" in said[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["w.npz"]  # the checkpoint is gone


def test_below_the_gate_no_weights_are_written(few, tmp_path):
    recipe = changed(SMALL, epochs=1, gate=0.9999)
    with pytest.raises(TrainingError, match=r"the gate of the recipe small 99\.99%; no weights"):
        train(recipe, 1, few, tmp_path / "w.npz", progress=False)
    assert not (tmp_path / "w.npz").exists()


def test_a_recipe_may_train_on_every_image(few, tmp_path):
    recipe = changed(SMALL, epochs=1, validation=0)
    recognizer, history = train(recipe, 1, few, tmp_path / "w.npz", progress=False)
    assert list(recognizer.about["scores"]) == ["mnist test error"]
    assert recognizer.temperature == 1
    assert history[0].validation_errors == {}
    with pytest.raises(TrainingError, match="accuracy on the training images is"):
        train(changed(recipe, gate=1), 1, few, tmp_path / "v.npz", progress=False)


def test_pools_hold_what_the_recipe_wants(few, monkeypatch):
    monkeypatch.setattr("model.training.pools.VALIDATION_DRAWN", 20)
    monkeypatch.setattr("model.training.pools.VALIDATION_ON_PAPER", 5)
    data = Data(
        validation=400,
        digits=Drawn(60, 30),
        non_digits=Drawn(40, 10),
        on_paper=Drawn(40, 8),
        images_on_paper=Drawn(50, 5),
        letters_on_paper=Drawn(20, 4),
        papers=Drawn(6, 2),
    )
    pools = collect(data, 7, few, processes=1)
    assert pools.sizes == (1600, 60, 40, 40, 50, 20, 6)
    assert pools.an_epoch == (1600, 30, 10, 8, 5, 4, 2)
    assert {name: len(one.labels) for name, one in pools.validation.items()} == {
        "mnist": 400,
        "drawn digits": 20,
        "non-digits": 20,
        "digits on paper": 5,
        "images on paper": 5,
        "letters on paper": 5,
        "paper with digits": 5,
    }
    of_mnist, of_digits, of_others, on_paper, images, letters, around = np.split(
        pools.training.labels, [1600, 1660, 1700, 1740, 1790, 1810]
    )
    np.testing.assert_array_equal(of_mnist, few.train_labels[:1600])
    assert set(of_digits) == set(on_paper) == set(images) == set(range(10))
    assert set(of_others) == set(letters) == set(around) == {-1}
    kept_back = pools.validation["mnist"]
    np.testing.assert_array_equal(kept_back.frames, few.train_images[1600:])
    np.testing.assert_array_equal(kept_back.labels, few.train_labels[1600:])
    others = few._replace(test_labels=few.test_labels[::-1], train_labels=few.train_labels[::-1])
    with_other_labels = collect(Data(), 7, others, processes=1).digests
    assert pools.digests.keys() == with_other_labels.keys()
    assert not set(pools.digests.values()) & set(with_other_labels.values())
