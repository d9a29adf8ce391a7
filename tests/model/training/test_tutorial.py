"""The lesson's three runs give the original program's own output.

The expected lines are what the original printed on MNIST after `numpy.random.seed(1)`.
"""

import io
import time
from contextlib import redirect_stdout

import numpy as np
import pytest

from model.data.mnist import Mnist
from model.training import tutorial
from model.training.tutorial import run_tutorial

UNTRAINED = """\
MNIST CNN initialized!
[Step 100] Past 100 steps: Average Loss 2.302 | Accuracy: 11%
[Step 200] Past 100 steps: Average Loss 2.302 | Accuracy: 6%
[Step 300] Past 100 steps: Average Loss 2.301 | Accuracy: 17%
[Step 400] Past 100 steps: Average Loss 2.302 | Accuracy: 14%
[Step 500] Past 100 steps: Average Loss 2.302 | Accuracy: 15%
[Step 600] Past 100 steps: Average Loss 2.303 | Accuracy: 8%
[Step 700] Past 100 steps: Average Loss 2.303 | Accuracy: 15%
[Step 800] Past 100 steps: Average Loss 2.302 | Accuracy: 13%
[Step 900] Past 100 steps: Average Loss 2.303 | Accuracy: 15%
[Step 1000] Past 100 steps: Average Loss 2.302 | Accuracy: 17%
"""

DENSE = """\
MNIST CNN initialized!
[Step 100] Past 100 steps: Average Loss 2.234 | Accuracy: 19%
[Step 200] Past 100 steps: Average Loss 2.158 | Accuracy: 34%
[Step 300] Past 100 steps: Average Loss 2.033 | Accuracy: 50%
[Step 400] Past 100 steps: Average Loss 1.918 | Accuracy: 68%
[Step 500] Past 100 steps: Average Loss 1.851 | Accuracy: 59%
[Step 600] Past 100 steps: Average Loss 1.871 | Accuracy: 48%
[Step 700] Past 100 steps: Average Loss 1.799 | Accuracy: 53%
[Step 800] Past 100 steps: Average Loss 1.692 | Accuracy: 71%
[Step 900] Past 100 steps: Average Loss 1.619 | Accuracy: 73%
[Step 1000] Past 100 steps: Average Loss 1.578 | Accuracy: 75%
"""

FULL = """\
MNIST CNN initialized!
--- Epoch 1 ---
[Step 100] Past 100 steps: Average Loss 2.152 | Accuracy: 22%
[Step 200] Past 100 steps: Average Loss 1.970 | Accuracy: 35%
[Step 300] Past 100 steps: Average Loss 1.683 | Accuracy: 45%
[Step 400] Past 100 steps: Average Loss 1.268 | Accuracy: 58%
[Step 500] Past 100 steps: Average Loss 1.050 | Accuracy: 65%
[Step 600] Past 100 steps: Average Loss 0.713 | Accuracy: 77%
[Step 700] Past 100 steps: Average Loss 0.716 | Accuracy: 78%
[Step 800] Past 100 steps: Average Loss 0.612 | Accuracy: 83%
[Step 900] Past 100 steps: Average Loss 0.635 | Accuracy: 78%
[Step 1000] Past 100 steps: Average Loss 0.607 | Accuracy: 83%
--- Epoch 2 ---
[Step 100] Past 100 steps: Average Loss 0.615 | Accuracy: 74%
[Step 200] Past 100 steps: Average Loss 0.622 | Accuracy: 80%
[Step 300] Past 100 steps: Average Loss 0.603 | Accuracy: 84%
[Step 400] Past 100 steps: Average Loss 0.546 | Accuracy: 84%
[Step 500] Past 100 steps: Average Loss 0.420 | Accuracy: 90%
[Step 600] Past 100 steps: Average Loss 0.378 | Accuracy: 91%
[Step 700] Past 100 steps: Average Loss 0.532 | Accuracy: 83%
[Step 800] Past 100 steps: Average Loss 0.345 | Accuracy: 90%
[Step 900] Past 100 steps: Average Loss 0.614 | Accuracy: 84%
[Step 1000] Past 100 steps: Average Loss 0.413 | Accuracy: 90%
--- Epoch 3 ---
[Step 100] Past 100 steps: Average Loss 0.331 | Accuracy: 92%
[Step 200] Past 100 steps: Average Loss 0.277 | Accuracy: 92%
[Step 300] Past 100 steps: Average Loss 0.357 | Accuracy: 90%
[Step 400] Past 100 steps: Average Loss 0.584 | Accuracy: 86%
[Step 500] Past 100 steps: Average Loss 0.382 | Accuracy: 89%
[Step 600] Past 100 steps: Average Loss 0.416 | Accuracy: 87%
[Step 700] Past 100 steps: Average Loss 0.410 | Accuracy: 89%
[Step 800] Past 100 steps: Average Loss 0.526 | Accuracy: 84%
[Step 900] Past 100 steps: Average Loss 0.540 | Accuracy: 82%
[Step 1000] Past 100 steps: Average Loss 0.343 | Accuracy: 90%

--- Testing the CNN ---
"""


@pytest.fixture(scope="module")
def noise():
    """Noise in the place of MNIST, 300 pictures a part."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 300, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, (2, 300), dtype=np.uint8)
    return Mnist(images[0], labels[0], images[1], labels[1])


def printed(stage, mnist, seed=1):
    """What a run writes to the terminal, and what it returns."""
    with redirect_stdout(io.StringIO()) as terminal:
        score = run_tutorial(stage, seed, mnist)
    return terminal.getvalue(), score


@pytest.mark.mnist
@pytest.mark.parametrize(("stage", "expected"), [("untrained", UNTRAINED), ("dense", DENSE)])
def test_the_first_two_runs_print_what_the_original_prints(mnist, stage, expected):
    assert printed(stage, mnist)[0] == expected


@pytest.mark.mnist
def test_the_whole_lesson_prints_what_the_original_prints_and_ends_as_it_does(mnist):
    start = time.perf_counter()
    text, score = printed("full", mnist)
    assert time.perf_counter() - start < 30, "seconds, where the original takes a minute"
    assert score.loss == pytest.approx(0.5584675798157263, abs=1e-9)
    assert score.accuracy == 0.812
    assert text == f"{FULL}Test Loss: {score.loss}\nTest Accuracy: 0.812\n"


def original(stage, seed, mnist, count):
    """The lesson's arithmetic once more: one image at a time, its array layouts, its -1 / p."""
    rng = np.random.RandomState(seed)
    filters, weights = rng.randn(8, 3, 3) / 9, rng.randn(1352, 10) / 1352
    biases, losses = np.zeros(10), []

    def forward(image, label):
        regions = np.lib.stride_tricks.sliding_window_view(image / 255 - 0.5, (3, 3))
        convolved = np.einsum("hwij,fij->hwf", regions, filters)
        blocks = convolved.reshape(13, 2, 13, 2, 8)
        pooled = blocks.max(axis=(1, 3))
        exponentials = np.exp(pooled.ravel() @ weights + biases)
        probabilities = exponentials / exponentials.sum()
        losses.append(-np.log(probabilities[label]))
        return regions, blocks, pooled, probabilities

    def train(image, label):
        nonlocal filters, weights, biases
        regions, blocks, pooled, p = forward(image, label)
        # dL/dp is -1 / p at the label, where dp/dt is p (1 - p); elsewhere it is -p p_i.
        dp_dt = -p[label] * p
        dp_dt[label] += p[label]
        dl_dt = -1 / p[label] * dp_dt
        dl_dpooled = (weights @ dl_dt).reshape(13, 1, 13, 1, 8)
        weights = weights - 0.005 * np.outer(pooled.ravel(), dl_dt)
        biases = biases - 0.005 * dl_dt
        if stage == "full":
            tied = blocks == pooled.reshape(13, 1, 13, 1, 8)
            dl_dconvolved = (tied * dl_dpooled).reshape(26, 26, 8)
            filters = filters - 0.005 * np.einsum("hwf,hwij->fij", dl_dconvolved, regions)

    images, labels = mnist.train_images[:count], mnist.train_labels[:count]
    for _ in range(3 if stage == "full" else 1):
        if stage == "full":
            permutation = rng.permutation(count)
            images, labels = images[permutation], labels[permutation]
        for image, label in zip(images, labels, strict=True):
            train(image, label)
    if stage == "dense":
        return sum(losses[-101:-1]) / 100
    losses.clear()
    for image, label in zip(mnist.test_images[:count], mnist.test_labels[:count], strict=True):
        forward(image, label)
    return sum(losses) / count


@pytest.mark.parametrize("stage", ["dense", "full"])
@pytest.mark.parametrize("seed", [1, 7])
def test_any_pictures_and_seed_give_the_original_arithmetic(stage, seed, noise, monkeypatch):
    monkeypatch.setattr(tutorial, "IMAGES", 300)
    _, score = printed(stage, noise, seed)
    assert score.loss == pytest.approx(original(stage, seed, noise, 300), abs=1e-9)


def test_the_untrained_network_reports_whole_hundreds(noise, monkeypatch):
    monkeypatch.setattr(tutorial, "IMAGES", 300)
    text, score = printed("untrained", noise)
    lines = text.splitlines()
    assert len(lines) == 4
    assert lines[-1] == (
        f"[Step 300] Past 100 steps: Average Loss {score.loss:.3f} "
        f"| Accuracy: {round(100 * score.accuracy)}%"
    )
    assert score.loss == pytest.approx(np.log(10), abs=0.01)


@pytest.mark.parametrize(
    ("stage", "seed", "reason"),
    [("half", 1, "'half'"), ("full", -1, "Seed must be between"), ("full", 2**32, "Seed must be")],
)
def test_another_stage_or_seed_is_refused(stage, seed, reason, noise):
    with pytest.raises(ValueError, match=reason):
        run_tutorial(stage, seed, noise, print)
