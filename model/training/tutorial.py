"""The lesson that this project began as: its three runs, image by image, to the last digit.

Victor Zhou, "CNNs, Part 1: An Introduction to Convolutional Neural Networks" and "CNNs, Part 2:
Training a Convolutional Neural Network" (2019), https://victorzhou.com/blog/intro-to-cnns-part-1/.
The network is a 3x3 convolution with 8 filters and no bias, a max-pool of 2 and a dense layer; it
is trained by plain gradient descent, one image a step, in float64. The random numbers are those
of the lesson's own legacy generator, drawn in its order: filters, dense weights, then one
permutation for each epoch. So a seed gives the figures that the original program gives.
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

from model.data.mnist import Mnist
from model.frame.pixels import to_frames
from model.nn.base import Array
from model.nn.fast.workspace import Workspace
from model.nn.losses import cross_entropy, one_hot
from model.training.recipes import tutorial_network

Stage = Literal["untrained", "dense", "full"]

IMAGES = 1000  # the first of the training set, and the first of the test set
EPOCHS = 3
LEARNING_RATE = 0.005


class Score(NamedTuple):
    """How well some images were read.

    Attributes:
        loss: the mean cross-entropy, in nats.
        accuracy: the share of images that were read right, 0 to 1.
    """

    loss: float
    accuracy: float


def run_tutorial(
    stage: Stage, seed: int, mnist: Mnist, out: Callable[[str], None] = print
) -> Score:
    """Run one stage of the lesson, printing line for line what the original prints.

    Returns the score that is printed last: of the last 100 images, or for ``full`` of the test.

    Args:
        stage: ``untrained`` reads the first 1,000 test images with the network as it is drawn.
            ``dense`` trains the dense layer alone, once over the first 1,000 training images in
            their order. ``full`` trains everything for three epochs, in a new order each time, and
            then reads the test images.
        seed: of all random numbers, 0 to 2**32 - 1.
        mnist: the data set.
        out: takes each line that is printed.

    Raises:
        ValueError: for another stage or seed.
    """
    if stage not in get_args(Stage):
        raise ValueError(f"the stage is untrained, dense or full, not {stage!r}")
    rng = np.random.RandomState(seed)
    lesson = _Lesson(rng, out)
    frames, labels = _frames(mnist.train_images), mnist.train_labels[:IMAGES]
    test_frames, test_labels = _frames(mnist.test_images), mnist.test_labels[:IMAGES]
    out("MNIST CNN initialized!")
    if stage == "untrained":
        return lesson.read(test_frames, test_labels)
    if stage == "dense":
        return lesson.train(frames, labels, dense_only=True)
    for epoch in range(EPOCHS):
        out(f"--- Epoch {epoch + 1} ---")
        permutation = rng.permutation(IMAGES)
        frames, labels = frames[permutation], labels[permutation]
        lesson.train(frames, labels)
    return lesson.test(test_frames, test_labels)


def _frames(images: Array) -> Array:
    """Return the first images as frames in float64, which is the lesson's precision."""
    return to_frames(images[:IMAGES], np.float64)


class _Lesson:
    """The network, and the loops over frames (N, 28, 28, 1) and labels (N,) that print."""

    def __init__(self, rng: np.random.RandomState, out: Callable[[str], None]) -> None:
        self._out = out
        self._network = tutorial_network(rng, np.float64)
        self._workspace = Workspace()

    def read(self, frames: Array, labels: Array) -> Score:
        """Read image by image, and report on every 100; return the last report."""
        seen: list[Score] = []
        for step, image in enumerate(zip(frames, labels, strict=True), start=1):
            seen.append(self._read(*image))
            if step % 100 == 0:
                score = self._report(step, seen)
                seen = []
        return score

    def train(self, frames: Array, labels: Array, *, dense_only: bool = False) -> Score:
        """Learn image by image, and report on every 100; return the last report.

        As in the lesson, a report comes before the hundredth step, and so covers 99 or 100.
        """
        seen: list[Score] = []
        for step, image in enumerate(zip(frames, labels, strict=True), start=1):
            if step % 100 == 0:
                score = self._report(step, seen)
                seen = []
            seen.append(self._learn(*image, dense_only=dense_only))
        return score

    def test(self, frames: Array, labels: Array) -> Score:
        """Read image by image, report on all, and return that."""
        self._out("\n--- Testing the CNN ---")
        score = _mean(
            [self._read(*image) for image in zip(frames, labels, strict=True)], len(labels)
        )
        self._out(f"Test Loss: {score.loss}")
        self._out(f"Test Accuracy: {score.accuracy}")
        return score

    def _read(self, frame: Array, label: int) -> Score:
        with self._workspace.reused():
            logits = self._network.predict(frame[np.newaxis])
        return _score(logits, label)[0]

    def _learn(self, frame: Array, label: int, *, dense_only: bool) -> Score:
        with self._workspace.reused():
            logits, caches = self._network.forward(frame[np.newaxis])
            score, gradient = _score(logits, label)
            _, grads = self._network.backward(gradient, caches)
            if dense_only:
                for name, parameter in self._network.layers[-1].parameters.items():
                    parameter -= LEARNING_RATE * grads[-1][name]
            else:
                self._network.vector -= LEARNING_RATE * self._network.gradient_vector(grads)
        return score

    def _report(self, step: int, seen: Sequence[Score]) -> Score:
        score = _mean(seen, 100)
        self._out(
            f"[Step {step}] Past 100 steps: Average Loss {score.loss:.3f} "
            f"| Accuracy: {100 * score.accuracy:.0f}%"
        )
        return score


def _score(logits: Array, label: int) -> tuple[Score, Array]:
    """Return one image's score, and the gradient of its loss by its logits, (1, 10)."""
    losses, gradient = cross_entropy(logits, one_hot(np.array([label]), 10))
    return Score(float(losses[0]), float(logits.argmax() == label)), gradient


def _mean(scores: Sequence[Score], count: int) -> Score:
    return Score(
        sum(score.loss for score in scores) / count,
        sum(score.accuracy for score in scores) / count,
    )
