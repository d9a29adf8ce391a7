"""What the benchmarks share: timing side by side, tables, pictures, and a line on the machine."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).resolve().parent / "results"

Row = tuple[str, str, str, bool]
"""What was measured, how much, how much was asked for, and whether that was reached."""


def interleaved(
    contenders: Mapping[str, Callable[[], object]], *, turns: int = 9, seconds: float = 0.15
) -> dict[str, float]:
    """Return the median seconds of a call of each contender.

    They take turns, so that whatever else the machine does falls on all of them. A turn begins
    with a call that is not counted, which brings caches and sleeping threads back.
    """
    calls: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(turns):
        for name, call in contenders.items():
            call()
            end = time.perf_counter() + seconds
            while True:
                start = time.perf_counter()
                call()
                now = time.perf_counter()
                calls[name].append(now - start)
                if now >= end:
                    break
    return {name: statistics.median(times) for name, times in calls.items()}


def sgemm_peak(threads: int) -> float:
    """Return what this machine reaches in float32 products of 1024 x 1024, in GFLOP/s."""
    side, products = 1024, 4
    rng = np.random.default_rng(0)
    factors = [rng.random((2, side, side), np.float32) for _ in range(threads)]
    outs = [np.empty((side, side), np.float32) for _ in range(threads)]

    def multiply(thread: int) -> None:
        for _ in range(products):
            np.matmul(*factors[thread], out=outs[thread])

    with ThreadPoolExecutor(threads) as executor:
        best = min(
            interleaved({"": lambda: list(executor.map(multiply, range(threads)))}, turns=1)[""]
            for _ in range(5)
        )
    return 2 * side**3 * products * threads / best / 1e9


def machine(threads: str, *packages: str) -> str:
    """Return one line: processor and what NumPy knows of it, cores, versions, threads."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = names[0].partition(":")[2].strip() if names else processor
    versions = ", ".join(f"{package} {_version(package)}" for package in ("numpy", *packages))
    vectors = np.show_config(mode="dicts")["SIMD Extensions"]
    widest = (vectors["baseline"] + vectors["found"])[-1]  # X86_V4 is AVX-512, X86_V3 AVX2
    return (
        f"{processor} ({widest}), {os.cpu_count()} cores; "
        f"Python {platform.python_version()}, {versions}; threads: {threads}"
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, its first column aligned to the left and all others to the right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        return f"| {' | '.join(padded)} |"

    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(header), f"| {' | '.join(rule)} |", *(line(row) for row in rows)])


def times_as_fast(peer_seconds: float, our_seconds: float) -> str:
    """Return how many times as fast we are, as in "1.35 x": above 1 the peer takes longer."""
    ratio = peer_seconds / our_seconds
    return f"{ratio:.2f} x" if ratio < 10 else f"{ratio:,.0f} x"


def against(aim: float, reached: float) -> str:
    """Return what was asked for and whether ``reached`` is at least that."""
    return f"{aim:g} {'reached' if reached >= aim else 'MISSED'}"


def bars(name: str, title: str, unit: str, groups: Mapping[str, Mapping[str, float]]) -> Path:
    """Draw a bar for each contender in each group; return where the picture is."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    contenders = list(dict.fromkeys(c for group in groups.values() for c in group))
    figure, axes = plt.subplots(figsize=(1.5 + 1.6 * len(groups), 4.5), layout="constrained")
    width = 0.8 / len(contenders)
    for index, contender in enumerate(contenders):
        at = [
            i - 0.4 + width * (index + 0.5) for i, g in enumerate(groups.values()) if contender in g
        ]
        heights = [group[contender] for group in groups.values() if contender in group]
        drawn = axes.bar(at, heights, width, label=contender)
        axes.bar_label(drawn, fmt="{:,.0f}", fontsize=7)
    axes.set_xticks(range(len(groups)), list(groups))
    axes.set_ylabel(unit)
    axes.set_title(title)
    axes.legend()
    path = RESULTS / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path.relative_to(RESULTS.parent.parent)


def say(name: str, *parts: Any) -> None:
    """Print what was measured, and keep it beside the picture."""
    text = "\n\n".join(str(part) for part in parts)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text + "\n")
