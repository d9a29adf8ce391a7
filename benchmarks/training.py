"""How fast training is: python -m benchmarks.training

A training step (forward, backward, update) of both recipes in NumPy and in PyTorch on the same
processor, with the same layers, weights, batch and number of threads; the tutorial's step by
explicit loops; how it scales to two threads, and how much memory it needs. Gradients are compared
before anything is timed. Frames are random numbers: what is on them does not change the work.
"""

import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.report import (
    against,
    bars,
    interleaved,
    machine,
    say,
    sgemm_peak,
    table,
    times_as_fast,
)
from model.frame.pixels import to_frames
from model.samples import Samples
from model.training.augmentation import augment
from model.training.pools import Pools
from model.training.recipes import RECIPES, Recipe
from model.training.shards import shard_result
from model.training.trainer import Trainer

HELPERS = Path(__file__).resolve().parents[1] / "tests" / "helpers"
BATCHES = (1, 32, 128, 512)
THREADS = 2
SHARDS = {"default": 64, "tutorial": 128}  # images that a thread works on at a time
AGREEMENT = 1e-4  # the largest difference of a gradient, as a share of its largest number
MEMORY_AIM = 400  # MB


def main() -> None:
    """Measure and print."""
    rows, groups, seconds_at_128 = [], {}, {}
    for name in ("default", "tutorial"):
        agree(timed(name, 32, SHARDS[name]))
        for batch in BATCHES:
            ours, peer = compare(name, batch, THREADS)
            groups[f"{name}\nbatch {batch}"] = {"NumPy": batch / ours, "PyTorch": batch / peer}
            aim = {"default": 1.0, "tutorial": 2.0}[name]
            rows.append(
                [
                    f"{name}, batch {batch}",
                    f"{batch / ours:,.0f}",
                    f"{batch / peer:,.0f}",
                    times_as_fast(peer, ours),
                    against(aim, peer / ours) if batch == 128 else "",
                ]
            )
            if batch == 128:
                seconds_at_128[name] = ours / batch
    loops = seconds_of_loops()
    ratio = loops / seconds_at_128["tutorial"]
    rows.append(
        ["tutorial, explicit loops", "", f"{1 / loops:.1f}", f"{ratio:,.0f} x", against(500, ratio)]
    )
    header = ["recipe", "NumPy", "PyTorch or loops", "NumPy is", "aim"]
    megabytes = peak_memory()
    picture = bars("training", f"Training, {THREADS} threads", "images per second", groups)
    say(
        "training",
        f"Training steps, {THREADS} threads: images per second",
        table(header, rows),
        scaling(),
        share_of_peak(seconds_at_128["default"]),
        share_of_augmentation(),
        f"Peak memory of training at batch 128 beyond the data: {megabytes:.0f} MB "
        f"(at most {MEMORY_AIM}: {'reached' if megabytes <= MEMORY_AIM else 'MISSED'})",
        machine(str(THREADS), "torch"),
        f"picture: {picture}",
    )


class Batch(NamedTuple):
    """Random frames (N, 28, 28), uint8, and labels."""

    frames: np.ndarray
    labels: np.ndarray


def random_batch(count: int) -> Batch:
    """Return so many random frames and digits."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return Batch(frames, rng.integers(0, 10, count))


def timed(name: str, batch: int, shard: int) -> Recipe:
    """Return a recipe with another batch and shard, and without distortions."""
    recipe = RECIPES[name]
    schedule = replace(recipe.schedule, batch=batch, shard=min(batch, shard))
    return replace(recipe, schedule=schedule, data=replace(recipe.data, augmented=False))


def numpy_step(recipe: Recipe, threads: int, executor: ThreadPoolExecutor) -> Callable[[], None]:
    """Return a step of the trainer as it trains: shards over threads, then the optimizer."""
    count = recipe.schedule.batch
    pools = Pools(Samples(*random_batch(count)), (count,), (count,), {}, {})
    trainer = Trainer(recipe, 1, pools, threads)
    order = np.arange(count)

    def step() -> None:
        trainer.step = 0
        trainer.take_step(order, executor)

    return step


def torch_step(recipe: Recipe, *, channels_last: bool) -> Callable[[], None]:
    """Return the same step in PyTorch; channels last is how its convolutions may be faster."""
    import torch

    from benchmarks.peers import torch_loss, torch_network

    memory = torch.channels_last if channels_last else torch.contiguous_format
    network = torch_network(recipe.network(1)).to(memory_format=memory).train()
    batch = random_batch(recipe.schedule.batch)
    frames = torch.from_numpy(to_frames(batch.frames).reshape(-1, 1, 28, 28))
    frames = frames.to(memory_format=memory)
    labels = torch.from_numpy(batch.labels)
    rate = recipe.schedule.learning_rate
    if recipe.update.optimizer == "adamw":
        optimizer: torch.optim.Optimizer = torch.optim.AdamW(network.parameters(), rate, fused=True)
    else:
        optimizer = torch.optim.SGD(network.parameters(), rate, fused=True)

    def step() -> None:
        optimizer.zero_grad()
        torch_loss(network(frames), labels, recipe.loss).backward()
        optimizer.step()

    return step


def compare(name: str, batch: int, threads: int) -> tuple[float, float]:
    """Return the seconds of a step of ours, and of PyTorch's in the faster of its layouts."""
    import torch

    torch.set_num_threads(threads)
    recipe = timed(name, batch, SHARDS[name])
    with ThreadPoolExecutor(threads) as executor:
        seconds = interleaved(
            {
                "NumPy": numpy_step(recipe, threads, executor),
                "first": torch_step(recipe, channels_last=False),
                "last": torch_step(recipe, channels_last=True),
            },
            turns=7,
            seconds=0.3,
        )
    return seconds["NumPy"], min(seconds["first"], seconds["last"])


def agree(recipe: Recipe) -> None:
    """End unless the first convolution's gradient is the same in NumPy and in PyTorch."""
    import torch

    from benchmarks.peers import torch_loss, torch_network

    batch = random_batch(recipe.schedule.batch)
    frames = to_frames(batch.frames)
    network = recipe.network(1)
    result = shard_result(network, frames, batch.labels, recipe.loss)
    size = network.layers[0].parameters["weights"].size
    ours = (result.gradient[:size] / len(frames)).reshape(
        network.layers[0].parameters["weights"].shape
    )
    peer = torch_network(network).train()
    pictures = torch.from_numpy(frames.reshape(-1, 1, 28, 28))
    torch_loss(peer(pictures), torch.from_numpy(batch.labels), recipe.loss).backward()
    theirs = peer[0].weight.grad.numpy().transpose(2, 3, 1, 0)
    difference = np.abs(ours - theirs).max() / np.abs(theirs).max()
    if not difference <= AGREEMENT:
        raise SystemExit(f"gradients of {recipe.name} differ from PyTorch's by {difference:.2g}")


def seconds_of_loops() -> float:
    """Return the seconds that the tutorial's step takes for an image by explicit loops."""
    sys.path.insert(0, str(HELPERS))
    import oracles

    rng = np.random.default_rng(0)
    x = rng.uniform(-0.5, 0.5, (1, 28, 28, 1))
    filters = rng.standard_normal((3, 3, 1, 8)) / 9
    weights, bias = rng.standard_normal((1352, 10)) / 1352, np.zeros(10)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        maps = oracles.convolution(x, filters)
        pooled = oracles.max_pool(maps)
        probabilities = oracles.softmax(oracles.dense(pooled.reshape(1, -1), weights, bias)[0])
        dlogits = [p - (digit == 3) for digit, p in enumerate(probabilities)]
        dpooled = np.zeros(1352)
        for unit, slope in enumerate(dlogits):
            for d in range(1352):
                dpooled[d] += slope * weights[d, unit]
                weights[d, unit] -= 0.005 * slope * pooled.ravel()[d]
        dmaps = oracles.max_pool_gradient(maps, dpooled.reshape(pooled.shape))
        _, dfilters, _ = oracles.convolution_gradients(x, filters, dmaps)
        filters = filters - 0.005 * dfilters
        times.append(time.perf_counter() - start)
    return sorted(times)[1]


def scaling() -> str:
    """Return how many times as fast two threads are as one, at batch 128."""
    found = []
    for name in ("default", "tutorial"):
        recipe = timed(name, 128, SHARDS[name])
        with ThreadPoolExecutor(2) as executor:
            steps = {str(n): numpy_step(recipe, n, executor) for n in (1, 2)}
            seconds = interleaved(steps, turns=7, seconds=0.3)
        found.append(f"{name} {times_as_fast(seconds['1'], seconds['2'])}")
    return f"Two threads against one, NumPy at batch 128: {', '.join(found)}"


def share_of_peak(seconds_an_image: float) -> str:
    """Return what the default recipe reaches in GFLOP/s, and as a share of the peak."""
    # Forward, the gradient of the weights and that of the input: three times the multiplications;
    # the first layer has no gradient of its input.
    network = RECIPES["default"].network(1)
    first = network.layers[0].parameters["weights"].size * int(np.prod(network.shapes[0][:2]))
    operations = 2 * (3 * network.multiply_adds() - first)
    reached, peak = operations / seconds_an_image / 1e9, sgemm_peak(THREADS)
    return (
        f"The default recipe at batch 128 does the work of {reached:.0f} GFLOP/s by plain "
        f"convolutions, {reached / peak:.0%} of the {peak:.0f} that this machine reaches in large "
        "products of matrices (Winograd's method does it with fewer)."
    )


def share_of_augmentation() -> str:
    """Return what distorting the images adds to a step of the default recipe."""
    schedule = RECIPES["default"].schedule
    recipe = timed("default", schedule.batch, schedule.shard)
    frames = to_frames(random_batch(schedule.shard).frames)
    rng = np.random.default_rng(0)
    with ThreadPoolExecutor(1) as executor:
        seconds = interleaved(
            {
                "step": numpy_step(recipe, 1, executor),
                "augment": lambda: augment(frames, rng),
            },
            turns=5,
        )
    share = seconds["augment"] / schedule.shard / (seconds["step"] / schedule.batch)
    return f"Augmentation, not counted above, adds {share:.0%} to a step of the default recipe"


def peak_memory() -> float:
    """Return by how many MB training at batch 128 raises the peak of a fresh process's memory."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_memory_of_training)


def _memory_of_training() -> float:
    recipe = RECIPES["default"]
    data = random_batch(60_000)  # as large as MNIST's
    before = _memory("VmRSS")
    pools = Pools(Samples(*data), (60_000,), (60_000,), {}, {})
    trainer = Trainer(recipe, 1, pools, THREADS)
    order = pools.order(np.random.default_rng(0))
    with ThreadPoolExecutor(THREADS) as executor:
        for _ in range(20):
            trainer.take_step(order, executor)
    return _memory("VmHWM") - before


def _memory(field: str) -> float:
    """Return what this process holds (VmRSS), or held at most (VmHWM), in MB; Linux only."""
    status = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in status if line.startswith(field))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    main()
