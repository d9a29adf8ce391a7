import csv
import io

import numpy as np
import pytest
from nasty import nasty_files, pictures
from PIL import Image

from model.bulk.items import MOST_BYTES, ArrayPicture, PictureFile, Unreadable, decode_picture
from model.bulk.rows import DIGIT_COLUMNS, NUMBER_COLUMNS, Scorer, Task
from model.drawn.papers.generator import generate
from model.errors import FileError, WeightsError
from model.second_look import read_drawing
from model.weights import load_numbers, load_weights


def cells(row, columns=DIGIT_COLUMNS):
    [read] = csv.reader(io.StringIO(row.line))
    return dict(zip(columns, read, strict=True))


def test_a_row_says_what_the_service_would(scorer, seven, weights_path):
    answer = read_drawing(load_weights(weights_path), seven)
    row = scorer.row(ArrayPicture("a.npy[3]", seven))
    found = cells(row)
    assert (found["source"], found["digit"], found["verdict"]) == ("a.npy[3]", "7", "digit")
    assert found["error"] == ""
    for digit in range(10):
        assert found[f"p{digit}"] == f"{answer.reading.probabilities[0, digit]:.6f}"
    assert found["is_digit"] == f"{answer.reading.is_digit[0]:.6f}"
    assert not row.failed
    assert row.said.startswith("a.npy[3]: 7 (digit)  0:0.000 ")


def test_a_row_does_not_depend_on_what_was_read_before(scorer, sevens):
    forward = [scorer.row(ArrayPicture("", picture)).line for picture in sevens[:50]]
    backward = [scorer.row(ArrayPicture("", picture)).line for picture in sevens[49::-1]]
    assert forward == backward[::-1]


def test_doubtful_paper_is_read_by_both_networks(task, scorer):
    recognizer = load_weights(task.weights)
    numbers = load_numbers(task.numbers, recognizer)
    for picture in generate(100, 7, "tight", held_out=True).pictures:
        alone = read_drawing(recognizer, picture)
        wanted = read_drawing(recognizer, picture, numbers)
        if alone.verdict is not wanted.verdict:
            break
    found = cells(scorer.row(ArrayPicture("p", picture)), DIGIT_COLUMNS)
    assert (found["digit"], found["verdict"]) == (str(wanted.digit), wanted.verdict)
    assert float(found["is_digit"]) == pytest.approx(wanted.reading.is_digit[0], abs=1e-6)


def test_numbers_are_read_with_their_leading_zeros(task, seven, weights_path):
    numbers = weights_path.with_name("numbers.npz")
    zero = 255 - np.asarray(Image.new("L", (140, 140)))
    rows, columns = np.ogrid[:140, :140]
    distance = np.hypot((rows - 70) / 50, (columns - 70) / 30)
    zero = np.where(abs(distance - 1) < 0.15, 0, zero).astype(np.uint8)
    reader = Scorer(Task(weights_path, numbers, reads_numbers=True))
    row = reader.row(ArrayPicture("n", np.hstack([zero, seven])))
    found = cells(row, NUMBER_COLUMNS)
    assert found["number"] == "07"
    assert 0 < float(found["confidence"]) <= 1
    assert row.said.startswith("n: 07 (")
    assert len(reader.task.digests) == 2


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Unreadable("x", "is damaged"), "x is damaged"),
        (PictureFile("/nowhere", "/nowhere"), "/nowhere does not exist"),
        (PictureFile("/dev", "/dev"), "/dev cannot be read (Is a directory)"),
        (PictureFile("z", "/dev/zero"), "z cannot be read (it is not a regular file)"),
        (ArrayPicture("w", np.full((9, 9), 255, np.uint8)), "w: the picture is empty: draw a"),
        (ArrayPicture("f", np.zeros((9, 9))), "f cannot be read (ValueError("),
    ],
)
def test_what_cannot_be_read_is_said_in_its_row(scorer, item, said):
    row = scorer.row(item)
    assert row.failed
    assert row.said.startswith(said)
    found = cells(row)
    assert found.pop("source") == item.source
    assert found.pop("error") in row.said
    assert set(found.values()) == {""}


def test_a_row_is_one_line_whatever_its_source_is_called(scorer):
    source = 'a\nb\r\t"c",\udcff\u2028é'
    row = scorer.row(Unreadable(source, "is damaged"))
    assert row.line.isprintable()
    assert cells(row)["source"] == 'a\\nb\\r\\t"c",\\udcff\\u2028é'


def test_a_file_larger_than_any_picture_is_not_read(scorer, tmp_path):
    with (tmp_path / "sparse.png").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    row = scorer.row(PictureFile("sparse.png", str(tmp_path / "sparse.png")))
    assert row.said == "sparse.png is larger than 256 MiB"


def test_pictures_of_too_many_pixels_are_not_decoded(monkeypatch, png):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 140 * 140 - 1)
    with pytest.raises(FileError, match="has more than 19599 pixels"):
        decode_picture(png)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)  # Pillow's error instead of its warning
    with pytest.raises(FileError, match="has more than 1000 pixels"):
        decode_picture(png)


def test_no_other_program_is_started_for_a_picture():
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 28 28\n%%EndComments\nshowpage\n"
    with pytest.raises(FileError, match="is not a picture"):
        decode_picture(eps)


def test_every_honest_picture_is_read(scorer):
    for name, data in pictures():
        assert decode_picture(data).ndim == 2, name


def test_nasty_files_cost_their_row_and_no_more(scorer, tmp_path):
    for number, (name, data, _) in enumerate(nasty_files()):
        if len(data) > 5000:
            continue  # of the kinds that are only large
        path = tmp_path / f"{number}"
        path.write_bytes(data)
        row = scorer.row(PictureFile(name, str(path)))
        assert row.line.startswith(name.partition(",")[0].strip('"')) or '"' in row.line
        assert row.line.count("\n") == 0


def test_weights_that_have_changed_meanwhile_are_refused(task):
    with pytest.raises(WeightsError, match="has changed"):
        Scorer(Task(task.weights, digests=("0" * 64,)))
