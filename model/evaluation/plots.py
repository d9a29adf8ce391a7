"""Pictures of an evaluation and of a training: curves, confusions, diagrams, sheets of mistakes."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.errors import PlotError
from model.evaluation.mistakes import Tile
from model.evaluation.report import (
    TITLES,
    DigitScores,
    PapersReport,
    Reliability,
    Report,
    SweepScores,
)
from model.training.trainer import Epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Part = TypeVar("Part")

INK = "#1f4e79"
OTHER = "#c0504d"
_DOTS_PER_INCH = 90


def draw_evaluation(report: Report, folder: Path) -> None:
    """Draw confusions.png, reliability.png, robustness.png and verdicts-on-paper.png into a folder.

    Raises:
        PlotError: if matplotlib is not installed.
    """
    confusions = {TITLES[name]: scores for name, scores in report.digits.items()}
    _draw_side_by_side(_draw_confusions, confusions, folder / "confusions.png")
    diagrams = {f"confidence, {title}": scores.calibration for title, scores in confusions.items()}
    if report.is_digit is not None:
        diagrams["is_digit"] = report.is_digit.calibration
    _draw_side_by_side(_draw_reliability, diagrams, folder / "reliability.png")
    _draw_robustness(report.robustness, folder / "robustness.png")
    if report.papers is not None:
        _draw_papers(report.papers, folder / "verdicts-on-paper.png")


def draw_sheets(sheets: Mapping[str, Sequence[Tile]], folder: Path) -> None:
    """Draw each sheet into a folder, by its name and `.png`."""
    for name, tiles in sheets.items():
        _sheet(tiles).save(folder / f"{name}.png", optimize=True)


def draw_training(
    history: Sequence[Epoch], scores: DigitScores, misread: Sequence[Tile], path: Path
) -> None:
    """Draw one page: learning curves, the confusion matrix and the misread digits.

    Args:
        history: of at least one epoch.
        scores: of the MNIST test images.
        misread: the worst of them.
        path: the PNG to write.

    Raises:
        PlotError: if matplotlib is not installed.
    """
    figure = _figure(10, 13)
    grid = figure.add_gridspec(3, 2, height_ratios=(1, 1.3, 1.6))
    epochs = [epoch.epoch for epoch in history]
    loss = figure.add_subplot(grid[0, 0])
    loss.plot(epochs, [epoch.loss for epoch in history], ".-", color=INK)
    loss.set(title="training loss", xlabel="epoch", ylabel="nats", yscale="log")
    errors = figure.add_subplot(grid[0, 1])
    training = [100 * (1 - epoch.accuracy) for epoch in history]
    errors.plot(epochs, training, color="grey", label="training")
    for name in history[0].validation_errors:
        validation = [100 * epoch.validation_errors[name] for epoch in history]
        errors.plot(epochs, validation, ".-", label=f"validation, {name}")
    errors.set(title="error", xlabel="epoch", ylabel="%", yscale="log")
    errors.legend(fontsize=8)
    _draw_confusions(
        figure.add_subplot(grid[1, :]),
        scores,
        f"MNIST test, {scores.errors} of {scores.count} misread ({scores.error:.2%})",
    )
    page = figure.add_subplot(grid[2, :])
    page.imshow(np.asarray(_sheet(misread)), cmap="gray")
    page.set(title="the most certain misreadings")
    page.axis("off")
    _save(figure, path)


def _draw_side_by_side(
    draw: Callable[["Axes", Part, str], None], parts: Mapping[str, Part], path: Path
) -> None:
    """Draw one thing of each part, under its title."""
    # "constrained" would cut off the titles of square axes.
    figure = _figure(4.5 * len(parts), 4.5, "compressed")
    for place, (title, part) in enumerate(parts.items(), start=1):
        draw(figure.add_subplot(1, len(parts), place), part, title)
    _save(figure, path)


def _draw_confusions(axes: "Axes", scores: DigitScores, title: str) -> None:
    matrix = np.array(scores.confusion_matrix)
    mistakes = matrix * (1 - np.eye(len(matrix), dtype=int))
    axes.imshow(mistakes, cmap="Reds")
    for (label, digit), count in np.ndenumerate(matrix):
        if count:
            dark = mistakes[label, digit] > 0.6 * mistakes.max()
            colour = "grey" if label == digit else "white" if dark else "black"
            axes.text(digit, label, str(count), ha="center", va="center", color=colour, size=7)
    axes.set(title=title, xlabel="read", ylabel="is", xticks=range(10), yticks=range(10))


def _draw_reliability(axes: "Axes", reliability: Reliability, title: str) -> None:
    bins = len(reliability.share)
    middles = (np.arange(bins) + 0.5) / bins
    # matplotlib leaves NaN out, which is what None becomes.
    predicted, observed = np.array([reliability.predicted, reliability.observed], float)
    axes.plot([0, 1], [0, 1], color="lightgrey")
    axes.bar(middles, reliability.share, width=1 / bins, color="#d6e2ee", label="share")
    axes.plot(predicted, observed, "o-", color=OTHER, markersize=4, label="came true")
    axes.set(
        title=f"{title}\nerror {reliability.error:.2%}",
        xlabel="probability given",
        ylabel="frequency",
        xlim=(0, 1),
        ylim=(0, 1.02),
    )
    axes.legend(fontsize=8)


def _draw_robustness(sweeps: Sequence[SweepScores], path: Path) -> None:
    columns = 5
    rows = -(-len(sweeps) // columns)
    figure = _figure(3.2 * columns, 2.8 * rows)
    for place, sweep in enumerate(sweeps, start=1):
        axes = figure.add_subplot(rows, columns, place)
        accuracies = 100 * np.array(sweep.accuracies)
        axes.plot(sweep.amounts, accuracies, "o-", color=INK)
        axes.set(title=sweep.name, xlabel=sweep.unit, ylabel="accuracy, %")
        axes.set(xticks=sweep.amounts, ylim=(min(80, accuracies.min() - 0.5), 100.5))
        axes.grid(alpha=0.3)
    _save(figure, path)


def _draw_papers(papers: PapersReport, path: Path) -> None:
    """Draw a bar for each set of pictures: usable, unsure, refused, misread."""
    rows = papers.rows()
    figure = _figure(9, 1.4 + 0.28 * len(rows))
    axes = figure.add_subplot()
    titles = [title for title, _ in rows]
    start = np.zeros(len(rows))
    for label, colour, shares in (
        ("right, called a digit", INK, [scores.usable for _, scores in rows]),
        ("unsure", "#c9d3df", [scores.unsure for _, scores in rows]),
        ("not a digit", "#8c8c8c", [scores.refused for _, scores in rows]),
        ("wrong, called a digit", OTHER, [scores.confident_errors for _, scores in rows]),
    ):
        axes.barh(titles, 100 * np.array(shares), left=start, color=colour, label=label)
        start += 100 * np.array(shares)
    axes.invert_yaxis()
    axes.set(xlabel="%", xlim=(0, 100))
    axes.legend(fontsize=8, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1))
    _save(figure, path)


def _sheet(tiles: Sequence[Tile]) -> Image.Image:
    """Return frames side by side, dark on white, each with its caption under it."""
    columns, side, caption, margin = 12, 84, 30, 6  # tiles; pixels
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


def _figure(
    width: float, height: float, layout: Literal["constrained", "compressed"] = "constrained"
) -> "Figure":
    """Return an empty figure, in inches; matplotlib is imported only here."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise PlotError("Pictures need matplotlib: run `pip install -e .[train]`.") from None
    return Figure(figsize=(width, height), layout=layout)


def _save(figure: "Figure", path: Path) -> None:
    figure.savefig(path, dpi=_DOTS_PER_INCH)
