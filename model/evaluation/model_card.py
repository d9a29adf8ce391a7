"""The model card: what a network reads, what it does not, how it was made; from its report.

Every figure in it comes from the report or from the recipe. What happened on the way to a network
stands in docs/decisions/, to which the card links.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from model.evaluation.report import (
    TITLES,
    DigitScores,
    DigitSet,
    IsDigitScores,
    NetworkDescription,
    NumbersReport,
    PaperScores,
    PapersReport,
    PenScores,
    Report,
    SweepScores,
    mean_confident_errors,
    mean_usable,
    percent,
    worst_usable,
)
from model.recognizer import DIGITS, Verdict
from model.training.recipes import RECIPES, Recipe

HISTORY = "../docs/decisions/pen-drawings-looks.md"  # as seen from weights/

MEANINGS = {
    DigitSet.MNIST_TEST: "MNIST test images",
    DigitSet.PEN_DRAWINGS: "pen drawings, all pens",
    DigitSet.DRAWN_DIGITS: "digits drawn from code, styles left out of training",
}

PICTURES = {  # none with drawings of MNIST or of people in it: those data sets stay outside
    "confusions.png": "Confusions: rows are what it is, columns what was read",
    "reliability.png": "Reliability: how often a probability came true",
    "robustness.png": "Robustness: accuracy when one thing about the drawing changes",
    "verdicts-on-paper.png": "Digits on paper: what they were called",
    "papers.png": "The paper that digits drawn from code are put on, a row for each hazard",
    "misread-papers.png": "The worst mistakes among digits drawn from code and put on paper",
    "misread-drawn.png": "The most certain misreadings of digits drawn from code",
    "misread-numbers.png": "The most certain misreadings of numbers drawn from code",
    "taken-for-digits.png": "Non-digits drawn from code that it calls digits",
}


def write_model_card(report: Report, pictures: Path, path: Path) -> None:
    """Write the card and copy the pictures that it shows to its side.

    Args:
        report: of the network.
        pictures: the folder where `plots` drew them.
        path: the Markdown file to write; its folder is made.
    """
    shown = [name for name in PICTURES if (pictures / name).exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent.resolve() != pictures.resolve():
        for name in shown:
            shutil.copyfile(pictures / name, path.parent / name)
    path.write_text(model_card(report, shown))


def model_card(report: Report, pictures: Sequence[str]) -> str:
    """Return the card in Markdown; `pictures` are names in `PICTURES`, of files beside it."""
    sections = (
        _network(report.network),
        _readings(report),
        _limits(report),
        _is_digit(report, report.is_digit) if report.is_digit else (),
        _papers(report.papers) if report.papers else (),
        _numbers(report.numbers) if report.numbers else (),
        _robustness(report.robustness),
        _making(report.network),
        (f"![{PICTURES[name]}]({name})\n\n*{PICTURES[name]}.*\n" for name in pictures),
    )
    return "\n".join(line for section in sections for line in section)


def _network(network: NetworkDescription) -> Iterator[str]:
    yield "# Model card\n"
    yield (
        "Written by `python -m model evaluate --card`: its figures are those of that measurement "
        "and of the recipe.\n"
    )
    yield (
        f"A convolutional network in NumPy, recipe `{network.recipe}`, that reads one "
        f"handwritten digit: {network.parameters:,} parameters, "
        f"{network.multiply_adds / 1e6:.1f} million multiply-adds a reading. "
        f"SHA-256 of the weights: `{network.digest}`.\n"
    )


def _readings(report: Report) -> Iterator[str]:
    yield "## What it reads\n"
    yield "| drawings | count | error | 95 % interval | calibration error |"
    yield "| --- | --- | --- | --- | --- |"
    for name, scores in report.digits.items():
        low, high = scores.error_interval
        yield (
            f"| {MEANINGS[name]} | {scores.count:,} | {percent(scores.error)} "
            f"| {percent(low)} to {percent(high)} | {percent(scores.calibration.error)} |"
        )
    yield ""
    yield "Accuracy by digit:\n"
    yield f"| drawings | {' | '.join(map(str, range(DIGITS)))} |"
    yield f"|{' --- |' * (DIGITS + 1)}"
    for name, scores in report.digits.items():
        yield f"| {MEANINGS[name]} | {' | '.join(_by_digit(scores))} |"
    yield ""
    if report.pens is not None:
        yield from _pens(report.pens)


def _by_digit(scores: DigitScores) -> Iterator[str]:
    for digit in map(str, range(DIGITS)):
        known = digit in scores.accuracy_by_digit
        yield percent(scores.accuracy_by_digit[digit]) if known else "none"


def _pens(pens: PenScores) -> Iterator[str]:
    yield (
        "The pen drawings are digits that people drew with a stylus, people who never saw MNIST; "
        "each is drawn with every pen in the table below. They are for measuring only: nothing "
        "was trained on them. But earlier networks were measured on them, too, and choices were "
        "made after looking at what was misread, so this score is a little kinder than that of "
        f"other people's drawings: [how often, and what was chosen]({HISTORY}).\n"
    )
    yield "| pen | accuracy |"
    yield "| --- | --- |"
    for pen, accuracy in pens.accuracy_by_pen.items():
        yield f"| {pen} | {percent(accuracy)} |"
    yield f"| **mean** | **{percent(pens.mean_accuracy)}** |"
    yield ""
    yield (
        f"By writer, with the usual pen: {percent(pens.worst_writer)} for the worst of "
        f"{len(pens.accuracy_by_writer)} and {percent(pens.best_writer)} for the best.\n"
    )


def _limits(report: Report) -> Iterator[str]:
    yield "## What it does not read\n"
    yield (
        "It reads one digit in a picture, in the shapes of 0 to 9 that are in use with the Latin "
        "alphabet. It does not find digits in a scene, read numbers of several digits, or digits "
        "of other scripts. It is not made for where a misreading does harm and nobody checks."
    )
    styles = sorted(report.accuracy_by_style.items(), key=lambda item: item[1])
    named = [f"{name.replace('_', ' ')} {percent(accuracy)}" for name, accuracy in styles[:5]]
    yield f"The styles left out of training that it reads worst: {', '.join(named)}.\n"
    if report.papers is not None:
        hazard, usable = worst_usable(report.papers.drawn)
        yield (
            "On paper it needs a digit that stands free, or that straight lines cross which go on "
            "at both its sides. It does not take away lines that bend or lean by more than a few "
            "degrees, lines along a stroke, neighbours that are joined to the digit, or a pattern "
            "as dark as the ink. In low pictures that a digit fills, a stroke may still be taken "
            "for a line or a neighbour. Of the papers drawn by code the hardest is "
            f'"{hazard}", with {percent(usable)} usable.\n'
        )
    if report.is_digit is None:
        yield "It cannot tell what is not a digit: every drawing gets one of the ten readings.\n"


def _is_digit(report: Report, scores: IsDigitScores) -> Iterator[str]:
    yield "## Is it a digit at all?\n"
    yield (
        f'`is_digit` below {scores.not_a_digit_below:g} is called "{Verdict.NOT_A_DIGIT}"; from '
        f"{scores.digit_above:g} on, with a confidence of at least {scores.confident_above:g}, it "
        f'is called "{Verdict.DIGIT}"; between them "{Verdict.UNSURE}".\n'
    )
    quoted = [f'"{verdict}"' for verdict in Verdict]
    yield f"| drawings | called {' | '.join(quoted)} |"
    yield f"|{' --- |' * (len(Verdict) + 1)}"
    rows = [
        *((MEANINGS[name], digits.verdicts) for name, digits in report.digits.items()),
        ("things that are no digit, of kinds left out of training", scores.non_digits.verdicts),
        ("letters and symbols that look like digits", scores.lookalikes.verdicts),
    ]
    for name, verdicts in rows:
        if verdicts is not None:
            shares = [percent(verdicts[verdict]) for verdict in Verdict]
            yield f"| {name} | {' | '.join(shares)} |"
    yield ""
    areas = [f"{TITLES[name]} {area:.4f}" for name, area in scores.auroc.items()]
    yield f"AUROC: {', '.join(areas)}.\n"
    worst = [f"{kind} {percent(share)}" for kind, share in scores.non_digits.worst_kinds()]
    yield f"Most often taken for a digit: {', '.join(worst) or 'none'}.\n"


def _papers(papers: PapersReport) -> Iterator[str]:
    yield "## On paper\n"
    yield (
        "Cameras and scanners bring other ink than the digit's: a form's frame, rulings, a dark "
        "border, a neighbour. Where a drawing is not plainly a digit, lines, dark borders and "
        "neighbours are left out, and it is read again; what can be read in more ways is "
        f'"{Verdict.UNSURE}". What leaves a doubt even so is also read by the network for numbers, '
        "and is a digit where both read the same and few doubts are left. "
        f'*Usable* is read right and called "{Verdict.DIGIT}"; a confident '
        "error is called that and misread.\n"
    )
    yield "| pictures | count | read right | usable | unsure | refused | confident errors |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for title, scores in papers.rows():
        yield f"| {title} | {scores.count:,} | {' | '.join(_paper_shares(scores))} |"
    yield ""
    for title, scored in (("Drawn digits", papers.drawn), ("Pen drawings", papers.pen_drawings)):
        if scored:
            hazard, least = worst_usable(scored)
            yield (
                f"{title}, mean over the hazards: {percent(mean_usable(scored))} usable (the "
                f"worst, {hazard}: {percent(least)}), {percent(mean_confident_errors(scored))} "
                "confident errors.\n"
            )
    count, called = papers.non_digits
    yield (
        f"Of {count:,} drawings without a digit, of kinds left out of training and looked at in "
        f'the same way, {percent(called)} are called "{Verdict.DIGIT}". '
        f"Of {papers.letters[0]:,} letters and other signs on the paper of the drawn digits "
        f"{percent(papers.letters[1])} are.\n"
    )


def _paper_shares(scores: PaperScores) -> list[str]:
    shares = (
        scores.right,
        scores.usable,
        scores.unsure,
        scores.refused,
        scores.confident_errors,
    )
    return [percent(share) for share in shares]


def _numbers(numbers: NumbersReport) -> Iterator[str]:
    yield "## Numbers of several digits\n"
    yield (
        f"Another network, recipe `{numbers.recipe}`, reads whole numbers: "
        f"{numbers.parameters:,} parameters, SHA-256 of its weights `{numbers.digest}`, made by "
        f"`python -m model train --recipe {numbers.recipe} --seed {numbers.seed}` from MNIST's "
        "training images and what is drawn by code. A number is right if all of its digits are.\n"
    )
    if numbers.behind:
        trainings = ", ".join(f"`{recipe}` with seed {seed}" for recipe, seed in numbers.behind)
        yield (
            "Where that leaves a doubt, networks of the same layers in the same file are asked "
            f"too. They are of earlier trainings, of the recipe as it was then: {trainings}.\n"
        )
    yield (
        "| numbers | count | exactly right | called a number | right of those "
        "| calibration error | by chance |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for title, scores in numbers.sets.items():
        of_called = scores.right_of_called
        errors = (scores.calibration_error, scores.error_by_chance)
        shares = (scores.right, scores.called, of_called, *errors)
        shown = ["none" if share is None else percent(share) for share in shares]
        yield f"| {title} | {scores.count:,} | {' | '.join(shown)} |"
    yield (
        '\n"By chance" is the calibration error that so many pictures would show if every '
        "confidence were exact.\n"
    )
    share, count = numbers.others
    yield (
        f"Of {count:,} letters, scribbles and doodles, of kinds left out of training, "
        f"{percent(share)} are called a number.\n"
    )
    if numbers.growing is not None:
        yield (
            f"While pen drawings are put side by side stroke by stroke, what was read of whole "
            f"digits stays at {percent(numbers.growing.kept)} of {numbers.growing.steps:,} "
            "steps.\n"
        )


def _robustness(sweeps: Sequence[SweepScores]) -> Iterator[str]:
    yield "## Robustness\n"
    yield "Accuracy on plain drawings in styles left out of training, one change at a time.\n"
    yield "| change | from | to | best | worst |"
    yield "| --- | --- | --- | --- | --- |"
    for sweep in sweeps:
        low, high = min(sweep.amounts), max(sweep.amounts)
        best, worst = percent(max(sweep.accuracies)), percent(min(sweep.accuracies))
        yield f"| {sweep.name}, {sweep.unit} | {low:g} | {high:g} | {best} | {worst} |"
    yield ""


def _making(network: NetworkDescription) -> Iterator[str]:
    yield "## How it was made\n"
    recipe = RECIPES.get(network.recipe or "")
    if recipe is None:
        yield "Its recipe is not one of this version's.\n"
    else:
        yield f"`python -m model train --recipe {recipe.name} --seed {network.seed}`\n"
        yield _data(recipe)
    yield f"Logits are divided by a temperature of {network.temperature:.3f} before the softmax.\n"
    yield "| layer | output |"
    yield "| --- | --- |"
    for layer in network.layers:
        options = ", ".join(f"{name}={value}" for name, value in layer.options.items())
        yield f"| {layer.name}({options}) | {' x '.join(map(str, layer.output))} |"
    yield ""
    yield "| data | SHA-256 |"
    yield "| --- | --- |"
    for name, digest in network.data.items():
        yield f"| {name} | `{digest}` |"
    yield ""


def _data(recipe: Recipe) -> str:
    mnist = "the training images of MNIST"
    if recipe.data.validation:
        mnist += f" but the last {recipe.data.validation:,}"
    drawn = [
        f"{count:,} {what} drawn by code"
        for count, what in (
            (recipe.data.digits.count, "digits"),
            (recipe.data.non_digits.count, "non-digits"),
            (recipe.data.on_paper.count, "digits on paper"),
            (recipe.data.images_on_paper.count, "of MNIST's images on paper"),
            (recipe.data.letters_on_paper.count, "letters and other signs on paper"),
            (recipe.data.papers.count, "papers that hide the digit on them"),
        )
        if count
    ]
    return (
        f"It was trained from scratch on {', and on '.join([mnist, *drawn])}; on no other data, "
        "and from no pretrained weights. Recipes are compared on training images of MNIST that "
        "are kept back, and on drawings in styles and of kinds that training does not draw. "
        "Nothing is chosen by the MNIST test images.\n"
    )
