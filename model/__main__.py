"""Commands: ``python -m model train | evaluate | predict | read | export | tutorial | sheet``."""

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

from model.bulk.rows import Task
from model.bulk.run import Engine, say_all, write_all
from model.data.mnist import load_mnist
from model.drawn.digits.writer import digits
from model.drawn.generator import Purpose, contact_sheet
from model.drawn.non_digits.families import non_digits
from model.drawn.papers import generator as papers
from model.errors import CommandError, FileError, ModelError
from model.export import export_onnx
from model.files import check_writable
from model.number_reader import LONGEST
from model.training.numbers.recipe import NUMBERS
from model.training.recipes import RECIPES
from model.training.tutorial import Stage, run_tutorial
from model.weights import SHIPPED, load_numbers, load_weights, numbers_beside


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0 done, 1 not possible, 130 broken off."""
    options = _parser().parse_args(arguments)
    try:
        status: int | None = options.run(options)
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status or 0


def _train(options: argparse.Namespace) -> None:
    _need("train", "tqdm", "matplotlib")
    from model.evaluation.run import training_report
    from model.training.run import train

    if options.recipe == NUMBERS.name:
        _train_numbers(options)
        return
    if options.calibrate:
        raise CommandError("--calibrate needs --recipe numbers: others are calibrated in training")
    if options.second:
        raise CommandError("--second needs --recipe numbers: others have no second network")
    recipe = RECIPES[options.recipe]
    name = "digits" if recipe.name == "default" else recipe.name
    out = options.out or SHIPPED / f"{name}.npz"
    _check_out(out)
    mnist = load_mnist(options.data_dir)
    result = train(recipe, options.seed, mnist, out, resume=options.resume, threads=options.threads)
    if result is None:
        raise KeyboardInterrupt
    training_report(*result, mnist, out.with_name(f"{out.stem}-training.png"))


def _train_numbers(options: argparse.Namespace) -> None:
    from model.training.numbers.calibration import calibrate_numbers
    from model.training.numbers.trainer import train_numbers

    out = options.out or SHIPPED / "numbers.npz"
    _check_out(out)
    mnist, digits = load_mnist(options.data_dir), load_weights(SHIPPED / "digits.npz")
    second = load_numbers(options.second, folded=False) if options.second else None
    beside: dict[str, Any] = {"digits": digits, "second": second, "threads": options.threads}
    if options.calibrate:
        calibrate_numbers(NUMBERS, options.seed, mnist, out, **beside)
        return
    history = train_numbers(NUMBERS, options.seed, mnist, out, resume=options.resume, **beside)
    if history is None:
        raise KeyboardInterrupt


def _evaluate(options: argparse.Namespace) -> None:
    _need("train", "tqdm", "matplotlib")
    from model.evaluation.run import evaluate, evaluate_own

    _check_out(options.out / "figures", option="--out")
    if options.card:
        _check_out(options.card, option="--card")
    if options.mine:
        evaluate_own(options.weights, options.mine, out=options.out)
    else:
        evaluate(
            options.weights,
            load_mnist(options.data_dir),
            out=options.out,
            pen_drawings=options.pen_drawings,
            cheque_fields=options.cheque_fields,
            card=options.card,
        )


def _predict(options: argparse.Namespace) -> int:
    return _score(Task(options.weights, numbers_beside(options.weights)), options)


def _read(options: argparse.Namespace) -> int:
    task = Task(options.digits, options.weights, options.length, reads_numbers=True)
    return _score(task, options)


def _score(task: Task, options: argparse.Namespace) -> int:
    engine = options.engine
    if engine == "ray":
        _need("ray", "ray")
    if options.out is None:
        if options.resume:
            raise CommandError("--resume goes on with a table: name it with --out")
        failed = say_all(task, options.paths, engine=engine, processes=options.processes)
        return 1 if failed else 0
    _need("bulk", "tqdm")
    write_all(
        task,
        options.paths,
        options.out,
        resume=options.resume,
        engine=engine,
        processes=options.processes,
    )
    return 0


def _export(options: argparse.Namespace) -> None:
    _need("onnx", "onnx")
    export_onnx(load_weights(options.weights), options.file)
    print(f"wrote {options.file}")


def _tutorial(options: argparse.Namespace) -> None:
    run_tutorial(options.stage, options.seed, load_mnist(options.data_dir))


def _sheet(options: argparse.Namespace) -> None:
    _check_out(options.out)
    purpose = Purpose.HELD_OUT if options.held_out else Purpose.TRAINING
    if options.papers:
        sheet = papers.contact_sheet(held_out=options.held_out, seed=options.seed)
    else:
        subjects = non_digits if options.non_digits else digits
        sheet = contact_sheet(subjects(purpose), seed=options.seed)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(options.out)
    print(f"wrote {options.out}")


def _check_out(path: Path, option: str = "--out") -> None:
    """Raise CommandError now if the result could not be written: work of hours would be lost."""
    try:
        check_writable(path)
    except FileError as error:
        raise CommandError(f"{path} {error}; name another place with {option}") from None


def _need(extra: str, *packages: str) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise CommandError(
            f"{' and '.join(missing)} not installed; run `pip install -e .[{extra}]`"
        )


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"a whole number from 0 to {2**32 - 1} is wanted")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number of 1 or more is wanted")
    return int(text)


def _length(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {LONGEST} is wanted")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: object, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.set_defaults(run=run)
        return added

    def needs_mnist(added: argparse.ArgumentParser) -> None:
        added.add_argument(
            "--data-dir", type=Path, help="folder of the MNIST files (default: $MNIST_DIR)"
        )

    def needs_weights(added: argparse.ArgumentParser) -> None:
        added.add_argument(
            "--weights", type=Path, default=SHIPPED / "digits.npz", help="weights file"
        )

    train = command("train", _train, "train a network and write its weights")
    train.add_argument("--recipe", choices=sorted([*RECIPES, NUMBERS.name]), default="default")
    train.add_argument("--seed", type=_seed, default=1)
    train.add_argument("--out", type=Path, help="weights file to write (default: in weights/)")
    train.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    train.add_argument(
        "--calibrate",
        action="store_true",
        help="of trained numbers, only fit the confidence anew: after digits were trained, "
        "or with --second",
    )
    train.add_argument(
        "--second",
        type=Path,
        help="weights of an earlier training of numbers, to be asked where the new ones doubt",
    )
    train.add_argument("--threads", type=_positive, help="default: one for each core")
    needs_mnist(train)

    evaluate = command("evaluate", _evaluate, "measure what the network reads")
    needs_weights(evaluate)
    needs_mnist(evaluate)
    evaluate.add_argument(
        "--pen-drawings", type=Path, help="folder of the pen drawings (default: $PEN_DRAWINGS)"
    )
    evaluate.add_argument(
        "--cheque-fields", type=Path, help="folder of the cheque fields (default: $CHEQUE_FIELDS)"
    )
    evaluate.add_argument(
        "--out", type=Path, default=Path("evaluation"), help="folder for pictures and figures"
    )
    evaluate.add_argument(
        "--mine",
        type=Path,
        help="read only these digits and numbers: a ZIP from the page, or an .npz",
    )
    evaluate.add_argument("--card", type=Path, help="write the model card to this file too")

    def scores(added: argparse.ArgumentParser) -> None:
        added.add_argument(
            "paths",
            nargs="+",
            metavar="PATH",
            help="a picture, a folder, a ZIP, an .npy, .npz or IDX file of uint8 (N, H, W), or a "
            "URI such as s3://bucket/folder",
        )
        added.add_argument(
            "--out", type=Path, help="write a table, .csv or .parquet, with a row for each picture"
        )
        added.add_argument(
            "--resume",
            action="store_true",
            help="go on with the table of a run that was broken off",
        )
        added.add_argument(
            "--engine",
            choices=get_args(Engine),
            default="processes",
            help="who reads: processes of this machine, or a Ray cluster (default: %(default)s)",
        )
        added.add_argument("--processes", type=_positive, help="default: one for each core")

    predict = command("predict", _predict, "read pictures of single digits, one or millions")
    scores(predict)
    needs_weights(predict)

    read = command("read", _read, "read pictures of numbers, one or millions")
    scores(read)
    read.add_argument("--length", type=_length, help="how many digits the numbers have")
    read.add_argument(
        "--weights", type=Path, default=SHIPPED / "numbers.npz", help="weights file for numbers"
    )
    read.add_argument(
        "--digits", type=Path, default=SHIPPED / "digits.npz", help="weights file for single digits"
    )

    export = command("export", _export, "write the network for single digits as an ONNX file")
    export.add_argument("file", type=Path, metavar="FILE", help="an .onnx file")
    needs_weights(export)

    tutorial = command("tutorial", _tutorial, "run the lesson that this began as")
    tutorial.add_argument("--stage", choices=get_args(Stage), default="full")
    tutorial.add_argument("--seed", type=_seed, default=1)
    needs_mnist(tutorial)

    sheet = command("sheet", _sheet, "draw a contact sheet of what is drawn by code")
    sheet.add_argument("--out", type=Path, default=Path("sheet.png"))
    sheet.add_argument("--seed", type=_seed, default=1)
    sheet.add_argument("--held-out", action="store_true", help="styles kept from training")
    kind = sheet.add_mutually_exclusive_group()
    kind.add_argument("--non-digits", action="store_true", help="what is not a digit")
    kind.add_argument("--papers", action="store_true", help="digits on paper with other ink on it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
