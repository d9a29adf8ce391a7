import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from nasty import encoded, exif, transparent
from nasty import seven as seven_upright
from PIL import Image

from model.__main__ import main
from model.drawn.strokes import polyline, render

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def seven(tmp_path):
    strokes = [polyline((0, 0), (0.6, 0), (0.2, 1))]
    Image.fromarray(render(strokes)).save(tmp_path / "seven.png")
    return tmp_path / "seven.png"


def refused(capsys, *arguments):
    """Run a command that must fail; return its one sentence."""
    assert main([str(argument) for argument in arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1, printed.err
    return printed.err


def test_predict_reads_pictures(seven, weights_path, capsys):
    assert main(["predict", str(seven), "--weights", str(weights_path)]) == 0
    assert f"{seven}: 7 (digit)" in capsys.readouterr().out


def test_predict_reads_ink_on_transparent_paper(tmp_path, weights_path, capsys):
    ink = 255 - render([polyline((0, 0), (0.6, 0), (0.2, 1))])
    rgba = np.dstack([np.zeros((*ink.shape, 3), np.uint8), ink])  # black ink, transparent paper
    Image.fromarray(rgba, "RGBA").save(tmp_path / "transparent.png")
    assert main(["predict", str(tmp_path / "transparent.png"), "--weights", str(weights_path)]) == 0
    assert ": 7 (" in capsys.readouterr().out


def test_predict_reads_what_the_service_reads(tmp_path, weights_path, capsys):
    light = encoded(transparent(255), "PNG")
    turned = encoded(seven_upright().transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif(6))
    for data in (light, turned):
        (tmp_path / "picture").write_bytes(data)
        assert main(["predict", str(tmp_path / "picture"), "--weights", str(weights_path)]) == 0
        assert ": 7 (digit)" in capsys.readouterr().out


def test_predict_says_what_was_left_out(tmp_path, weights_path, capsys):
    picture = render([polyline((0, 0), (0.6, 0), (0.2, 1))], size=140, height=80, line_width=10)
    picture[20:120, 132:] = 0  # a neighbour, cut off by the right border
    Image.fromarray(picture).save(tmp_path / "beside.png")
    assert main(["predict", str(tmp_path / "beside.png"), "--weights", str(weights_path)]) == 0
    read, left_out = capsys.readouterr().out.splitlines()
    assert ": 7 (digit)" in read
    assert ": left out" in left_out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no file"),
        (b"", "not a picture"),
        (b"\x89PNG\r\n\x1a\n half", "not a picture"),
        (b"%PDF-1.4", "not a picture"),
    ],
)
def test_predict_refuses_what_is_no_picture(content, message, tmp_path, weights_path, capsys):
    path = tmp_path / "picture.png"
    if content is not None:
        path.write_bytes(content)
    assert message in refused(capsys, "predict", path, "--weights", weights_path)


def test_predict_refuses_an_empty_folder_and_an_empty_drawing(tmp_path, weights_path, capsys):
    said = refused(capsys, "predict", tmp_path, "--weights", weights_path)
    assert f"there are no pictures in {tmp_path}" in said
    Image.new("L", (50, 50), 255).save(tmp_path / "white.png")
    said = refused(capsys, "predict", tmp_path / "white.png", "--weights", weights_path)
    assert "white.png: " in said


@pytest.mark.parametrize("command", [["predict", "x.png"], ["evaluate"]])
def test_bad_weights_are_refused(command, tmp_path, capsys, mnist):
    (tmp_path / "w.npz").write_bytes(b"nothing")
    said = refused(capsys, *command, "--weights", tmp_path / "w.npz")
    assert "is not an .npz file; run `python -m model train`" in said


@pytest.mark.parametrize("command", ["train", "tutorial", "evaluate"])
def test_a_damaged_data_folder_is_refused(command, tmp_path, capsys):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"nothing")
    said = refused(capsys, command, "--data-dir", tmp_path)
    assert "train-images-idx3-ubyte" in said


def test_a_missing_checkpoint_is_refused(tmp_path, capsys, mnist):
    said = refused(capsys, "train", "--recipe", "tutorial", "--out", tmp_path / "w.npz", "--resume")
    assert "there is no checkpoint" in said


def test_only_numbers_are_calibrated_anew_and_only_trained_ones(tmp_path, capsys, mnist):
    said = refused(capsys, "train", "--calibrate", "--out", tmp_path / "w.npz")
    assert "--calibrate needs --recipe numbers" in said
    command = ["train", "--recipe", "numbers", "--calibrate", "--out", tmp_path / "w.npz"]
    assert "w.npz does not exist" in refused(capsys, *command)


def test_only_numbers_have_a_second_network_and_only_one_that_there_is(tmp_path, capsys, mnist):
    arguments = ["--second", tmp_path / "before.npz", "--out", tmp_path / "w.npz"]
    said = refused(capsys, "train", *arguments)
    assert "--second needs --recipe numbers" in said
    said = refused(capsys, "train", "--recipe", "numbers", *arguments)
    assert "before.npz does not exist" in said


def test_a_file_that_holds_no_drawings_is_refused(tmp_path, weights_path, capsys):
    (tmp_path / "mine.zip").write_bytes(b"nothing")
    said = refused(capsys, "evaluate", "--mine", tmp_path / "mine.zip", "--weights", weights_path)
    assert "mine.zip" in said


@pytest.mark.parametrize("arguments", [[], ["--non-digits", "--held-out"], ["--papers"]])
def test_sheet_draws_a_picture(arguments, tmp_path, capsys):
    out = tmp_path / "new" / "sheet.png"
    assert main(["sheet", "--out", str(out), *arguments]) == 0
    with Image.open(out) as picture:
        assert min(picture.size) > 500
        assert picture.convert("L").getextrema() == (0, 255)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["predict", "docs/seven.png"], 0, "docs/seven.png: 7 (digit)"),
        (["train"], 1, "error: tqdm and matplotlib not installed; run `pip install -e .[train]`"),
        (
            ["evaluate"],
            1,
            "error: tqdm and matplotlib not installed; run `pip install -e .[train]`",
        ),
        (
            ["predict", "docs/seven.png", "--out", "out.csv"],
            1,
            "error: tqdm not installed; run `pip install -e .[bulk]`",
        ),
        (
            ["export", "digits.onnx"],
            1,
            "error: onnx not installed; run `pip install -e .[onnx]`",
        ),
    ],
)
def test_reading_needs_no_package_of_training(arguments, code, said):
    program = (
        "import sys\n"
        "absent = ('tqdm', 'matplotlib', 'pyarrow', 'onnx')\n"
        "sys.modules |= dict.fromkeys(absent)  # as if they were not installed\n"
        "from model.__main__ import main\n"
        f"sys.exit(main({arguments!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    assert (done.stdout + done.stderr).startswith(said)


@pytest.mark.mnist
def test_tutorial_runs(mnist, capsys):
    assert main(["tutorial", "--stage", "untrained", "--seed", "1"]) == 0
    assert capsys.readouterr().out.startswith("MNIST CNN initialized!")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["train", "--seed", "-1"],
        ["train", "--threads", "0"],
        ["train", "--recipe", "unknown"],
        ["predict"],
        ["tutorial", "--stage", "half"],
    ],
)
def test_wrong_words_get_the_usage_and_no_traceback(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "model", *arguments], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "usage: python -m model" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_out_that_cannot_be_written_is_refused_before_the_work(tmp_path, capsys, monkeypatch):
    """Before MNIST is even looked for, which is named here by a folder that does not exist."""
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "nowhere"))
    (tmp_path / "file").write_text("in the way")
    for out, reason in (
        (Path("/proc/digits/w.npz"), "No such file or directory"),  # where root cannot write either
        (tmp_path / "file" / "w.npz", "Not a directory"),
        (tmp_path, "it is a folder"),
    ):
        for command in (
            ["train", "--out", out],
            ["train", "--recipe", "tutorial", "--out", out],
            ["train", "--recipe", "numbers", "--out", out],
            ["evaluate", "--card", out],
            ["sheet", "--out", out],
        ):
            said = refused(capsys, *command)
            assert (
                said
                == f"error: {out} cannot be written ({reason}); name another place with "
                + ("--card\n" if "--card" in command else "--out\n")
            )
    assert sorted(tmp_path.iterdir()) == [tmp_path / "file"]
