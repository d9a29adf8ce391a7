"""Pictures of an evaluation and of a training: curves, confusions, diagrams, sheets of mistakes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.errors import PlotError
from model.evaluation.readings import Tile
from model.evaluation.report import Report
from model.nn.base import Array
from model.training.trainer import Epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1f4e79"
OTHER = "#c0504d"
_DOTS_PER_INCH = 90


def draw_evaluation(report: Report, sheets: dict[str, list[Tile]], folder: Path) -> None:
    """Draw confusions, reliability and robustness, and a sheet for each kind of mistake."""
    scored = {name: part for name, part in report.items() if "confusion matrix" in part}
    if scored:
        _draw_side_by_side(_confusions, scored, folder / "confusions.png")
        diagrams = {f"confidence, {name}": scores for name, scores in scored.items()}
        if "is digit" in report:
            diagrams["is_digit"] = report["is digit"]
        _draw_side_by_side(_reliability, diagrams, folder / "reliability.png")
    if "robustness" in report:
        _draw_robustness(report["robustness"], folder / "robustness.png")
    for name, tiles in sheets.items():
        sheet(tiles).save(folder / f"{name}.png", optimize=True)


def _draw_side_by_side(
    draw: Callable[["Axes", Report, str], None], parts: dict[str, Report], path: Path
) -> None:
    figure = _figure(4.5 * len(parts), 4.5)
    for place, (name, scores) in enumerate(parts.items(), start=1):
        draw(figure.add_subplot(1, len(parts), place), scores, name)
    _save(figure, path)


def _draw_robustness(sweeps: Report, path: Path) -> None:
    columns = 5
    rows = -(-len(sweeps) // columns)
    figure = _figure(3.2 * columns, 2.8 * rows)
    for place, (name, sweep) in enumerate(sweeps.items(), start=1):
        axes = figure.add_subplot(rows, columns, place)
        accuracies = 100 * np.array(sweep["accuracy"])
        axes.plot(sweep["amounts"], accuracies, "o-", color=INK)
        axes.set(title=name, xlabel=sweep["unit"], ylabel="accuracy, %")
        axes.set(xticks=sweep["amounts"], ylim=(min(80, accuracies.min() - 0.5), 100.5))
        axes.grid(alpha=0.3)
    _save(figure, path)


def draw_training_report(
    history: Sequence[Epoch], scores: Report, misread: Sequence[Tile], path: Path
) -> None:
    """Draw one page: learning curves, the confusion matrix and the misread digits."""
    figure = _figure(10, 13)
    grid = figure.add_gridspec(3, 2, height_ratios=(1, 1.3, 1.6))
    epochs = [record.epoch for record in history]
    loss = figure.add_subplot(grid[0, 0])
    loss.plot(epochs, [record.loss for record in history], ".-", color=INK)
    loss.set(title="training loss", xlabel="epoch", ylabel="nats", yscale="log")
    errors = figure.add_subplot(grid[0, 1])
    errors.plot(epochs, [100 * (1 - r.accuracy) for r in history], color="grey", label="training")
    for name in history[0].validation_errors:
        shares = [100 * record.validation_errors[name] for record in history]
        errors.plot(epochs, shares, ".-", label=f"validation, {name}")
    errors.set(title="error", xlabel="epoch", ylabel="%", yscale="log")
    errors.legend(fontsize=8)
    _confusions(
        figure.add_subplot(grid[1, :]),
        scores,
        f"MNIST test, {scores['errors']} of {scores['count']} misread ({scores['error']:.2%})",
    )
    page = figure.add_subplot(grid[2, :])
    page.imshow(np.asarray(sheet(misread)), cmap="gray")
    page.set(title="the most certain misreadings")
    page.axis("off")
    _save(figure, path)


def sheet(tiles: Sequence[Tile], columns: int = 12) -> Image.Image:
    """Return frames side by side, dark on white, each with its caption under it."""
    side, caption, margin = 84, 30, 6
    width, height = side + margin, side + caption + margin
    rows = max(1, -(-len(tiles) // columns))
    page = Image.new("L", (columns * width + margin, rows * height + margin), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(12)
    if not tiles:
        pen.text((margin, margin), "none", fill=0, font=font)
    for index, tile in enumerate(tiles):
        left, top = margin + index % columns * width, margin + index // columns * height
        picture = Image.fromarray(255 - tile.frame).resize((side, side), Image.Resampling.NEAREST)
        page.paste(picture, (left, top))
        pen.rectangle((left - 1, top - 1, left + side, top + side), outline=190)
        pen.text((left, top + side + 1), tile.caption, fill=0, font=font, spacing=1)
    return page


def _figure(width: float, height: float) -> "Figure":
    """Return an empty figure, in inches; matplotlib is imported only here."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise PlotError("pictures need matplotlib: run `pip install -e .[train]`") from None
    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: "Figure", path: Path) -> None:
    figure.savefig(path, dpi=_DOTS_PER_INCH)


def _confusions(axes: "Axes", scores: Report, title: str) -> None:
    matrix = np.array(scores["confusion matrix"])
    mistakes = matrix * (1 - np.eye(len(matrix), dtype=int))
    axes.imshow(mistakes, cmap="Reds")
    for (label, reading), count in np.ndenumerate(matrix):
        if count:
            dark = mistakes[label, reading] > 0.6 * mistakes.max()
            colour = "grey" if label == reading else "white" if dark else "black"
            axes.text(reading, label, str(count), ha="center", va="center", color=colour, size=7)
    axes.set(title=title, xlabel="read", ylabel="is", xticks=range(10), yticks=range(10))


def _reliability(axes: "Axes", scores: Report, title: str) -> None:
    points = scores["reliability"]
    share, predicted, observed = (
        np.array(points[name], float) for name in ("share", "predicted", "observed")
    )
    axes.plot([0, 1], [0, 1], color="lightgrey")
    axes.bar(_middles(share), share, width=1 / len(share), color="#d6e2ee", label="share")
    axes.plot(predicted, observed, "o-", color=OTHER, markersize=4, label="came true")
    axes.set(
        title=f"{title}\nerror {scores['calibration error']:.2%}",
        xlabel="probability given",
        ylabel="frequency",
        xlim=(0, 1),
        ylim=(0, 1.02),
    )
    axes.legend(fontsize=8)


def _middles(bins: Array) -> Array:
    return (np.arange(len(bins)) + 0.5) / len(bins)
