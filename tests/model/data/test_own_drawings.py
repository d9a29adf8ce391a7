"""Exported drawings are read; damaged, foreign and hostile files are refused in one sentence."""

import io
import json
import os
import zipfile

import numpy as np
import pytest
from PIL import Image

from model.data.own_drawings import load_own_drawings
from model.drawn.strokes import polyline, render
from model.errors import DrawingsError

SEVEN = render([polyline((0, 0), (0.6, 0), (0.2, 1))])
ONE = render([polyline((0, 0), (0, 1))])


def png(picture, mode="L"):
    file = io.BytesIO()
    Image.fromarray(picture).convert(mode).save(file, "PNG")
    return file.getvalue()


def write_zip(path, rows, files, numbers=None):
    """Write what the page exports; a list that is None is left out."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, listed in {"drawings.json": rows, "numbers.json": numbers}.items():
            if listed is not None:
                archive.writestr(name, json.dumps(listed))
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_zip_of_the_page_is_read(tmp_path):
    transparent = np.zeros((280, 280, 4), np.uint8)
    transparent[..., 3] = 255 - SEVEN
    rows = [
        {"file": "0001_label-7_read-1.png", "label": 7, "read": 1, "time": 5},
        {"file": "0002_label-none_read-1.png", "label": None, "read": 1},
        {"file": "0003_label-7_read-7.png", "label": 7, "read": 7},
        {"file": "0004_label-7_read-7.png", "label": 7, "read": None},
    ]
    pictures = [png(SEVEN), png(ONE), png(transparent, "RGBA"), png(255 - SEVEN, "RGB")]
    names = [row["file"] for row in rows]
    path = write_zip(tmp_path / "mine.zip", rows, dict(zip(names, pictures, strict=True)))
    drawings = load_own_drawings(path)
    assert drawings.labels.tolist() == [7, -1, 7, 7]
    assert drawings.names == names
    assert drawings.frames.shape == (4, 28, 28)
    # On paper, on nothing and in white on black it is the same seven.
    for other in (2, 3):
        difference = drawings.frames[0].astype(int) - drawings.frames[other]
        assert np.abs(difference).max() <= 2
    assert np.abs(drawings.frames[0].astype(int) - drawings.frames[1]).max() > 200


@pytest.mark.parametrize("rows", [[], [{"file": "7.png", "label": 7, "read": "71"}], None])
def test_numbers_are_read_beside_the_digits(tmp_path, rows):
    """Their pictures are not framed: where the digits lie is for the reader of numbers to find."""
    both = np.hstack([SEVEN, ONE])
    numbers = [
        {"file": "71.png", "label": "71", "read": "77"},
        {"file": "long.png", "label": "0" * 20, "read": None},
    ]
    files = {"7.png": png(SEVEN), "71.png": png(both), "long.png": png(ONE)}
    drawings = load_own_drawings(write_zip(tmp_path / "a.zip", rows, files, numbers))
    assert drawings.number_names == ["71.png", "long.png"]
    assert [one.number for one in drawings.numbers] == ["71", "0" * 20]
    np.testing.assert_array_equal(drawings.numbers[0].grey, both)
    assert drawings.names == ["7.png"] * bool(rows)
    assert drawings.frames.shape == (len(drawings.names), 28, 28)


def test_an_npz_of_pictures_or_of_frames_is_read(tmp_path):
    pictures, labels = np.stack([SEVEN, ONE]), np.array([7, 1])
    np.savez(tmp_path / "pictures.npz", pictures=pictures, labels=labels)
    drawings = load_own_drawings(tmp_path / "pictures.npz")
    assert drawings.labels.tolist() == [7, 1]
    np.savez(tmp_path / "frames.npz", frames=drawings.frames, labels=labels.astype(np.int8))
    again = load_own_drawings(tmp_path / "frames.npz")
    np.testing.assert_array_equal(again.frames, drawings.frames)
    assert again.labels.dtype == np.int64


def test_an_empty_picture_becomes_a_blank_frame(tmp_path):
    np.savez(tmp_path / "a.npz", pictures=np.full((1, 50, 40), 255, np.uint8), labels=np.array([3]))
    assert not load_own_drawings(tmp_path / "a.npz").frames.any()


def refused(path):
    with pytest.raises(DrawingsError) as caught:
        load_own_drawings(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("row", "file", "said"),
    [
        ({"label": 1}, b"", 'is no object with "file" and "label"'),
        ({"file": "a.png"}, png(SEVEN), 'is no object with "file" and "label"'),
        ({"file": 3, "label": 1}, png(SEVEN), 'is no object with "file" and "label"'),
        ("a.png", png(SEVEN), 'is no object with "file" and "label"'),
        ({"file": "b.png", "label": 1}, png(SEVEN), "'b.png', is not in the ZIP"),
        ({"file": "a.png", "label": 1}, b"no picture", "'a.png', is no PNG that can be read"),
        ({"file": "a.png", "label": 1}, png(SEVEN)[:200], "'a.png', is no PNG that can be read"),
    ],
)
def test_an_entry_that_is_not_as_described_is_named(tmp_path, row, file, said):
    good = {"file": "good.png", "label": 7}
    files = {"good.png": png(SEVEN), "a.png": file}
    named = refused(write_zip(tmp_path / "a.zip", [good, row], files))
    assert "entry 2 of drawings.json" in named
    assert said in named
    as_number = row | {"label": "11"} if isinstance(row, dict) and "label" in row else row
    numbers = [good | {"label": "77"}, good | {"label": "7"}, as_number]
    named = refused(write_zip(tmp_path / "a.zip", [good], files, numbers))
    assert "entry 3 of numbers.json" in named
    assert said in named


@pytest.mark.parametrize("label", ["seven", 10, -1, True, 1.5, "1", [1], "9" * 9999])
def test_a_label_that_is_no_digit_is_told(tmp_path, label):
    path = write_zip(tmp_path / "a.zip", [{"file": "a.png", "label": label}], {"a.png": png(SEVEN)})
    said = refused(path)
    assert "entry 1 of drawings.json, 'a.png', has the label" in said
    assert "where 0 to 9 or null would be right" in said
    assert len(said) < 300


@pytest.mark.parametrize("label", ["4x1", "", "1" * 21, "4·7", "٤٢", " 42", 42, None, ["4", "2"]])
def test_a_label_that_is_no_number_is_told(tmp_path, label):
    numbers = [{"file": "a.png", "label": label}]
    said = refused(write_zip(tmp_path / "a.zip", None, {"a.png": png(SEVEN)}, numbers))
    assert "entry 1 of numbers.json, 'a.png', has the label" in said
    assert "where 1 to 20 digits would be right" in said


@pytest.mark.parametrize("lists", [({"a.png": 7}, None), ([], "a.png"), (7, [])])
def test_a_list_that_is_none_is_refused(tmp_path, lists):
    rows, numbers = lists
    path = write_zip(tmp_path / "a.zip", rows, {"a.png": png(SEVEN)}, numbers)
    assert "is not a file of drawings" in refused(path)


@pytest.mark.parametrize(
    "arrays",
    [
        {"labels": np.array([1])},
        {"pictures": np.zeros((1, 28, 28), np.uint8)},
        {"pictures": np.zeros((2, 28, 28), np.uint8), "labels": np.array([1])},
        {"pictures": np.zeros((1, 28, 28)), "labels": np.array([1])},
        {"frames": np.zeros((1, 56, 14), np.uint8), "labels": np.array([1])},
        {"frames": np.zeros((1, 28, 28), np.uint8), "labels": np.array([1.5])},
    ],
)
def test_an_npz_that_is_not_as_described_is_refused(tmp_path, arrays):
    np.savez(tmp_path / "a.npz", **arrays)
    assert "is not a file of drawings" in refused(tmp_path / "a.npz")


def test_pickles_are_refused(tmp_path):
    frames, labels = np.zeros((1, 28, 28), np.uint8), np.array([None])
    np.savez(tmp_path / "a.npz", frames=frames, labels=labels)
    assert "holds pickled objects, which are never loaded" in refused(tmp_path / "a.npz")


def test_other_labels_none_at_all_and_other_files_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", frames=np.zeros((1, 28, 28), np.uint8), labels=np.array([10]))
    assert "labels that are not 0 to 9" in refused(tmp_path / "a.npz")
    assert "no drawings" in refused(write_zip(tmp_path / "b.zip", [], {}))
    assert "no drawings" in refused(write_zip(tmp_path / "b.zip", None, {}, []))
    (tmp_path / "c.zip").write_text("PK, but not really")
    assert "is damaged or was cut short" in refused(tmp_path / "c.zip")
    (tmp_path / "d.zip").write_text("a letter")
    assert "is not a ZIP file" in refused(tmp_path / "d.zip")
    assert "does not exist" in refused(tmp_path / "missing.zip")
    assert "Is a directory" in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe.zip")
    assert "not a regular file" in refused(tmp_path / "pipe.zip")


def test_more_drawings_than_are_read_are_refused_not_left_out(tmp_path, monkeypatch):
    from model.data import own_drawings

    monkeypatch.setattr(own_drawings, "MOST_DRAWINGS", 1)
    rows = [{"file": "a.png", "label": 7}] * 2
    path = write_zip(tmp_path / "many.zip", rows, {"a.png": png(SEVEN)})
    assert "has more than 1 drawings" in refused(path)
    numbers = [{"file": "a.png", "label": "77"}] * 2
    path = write_zip(path, rows[:1], {"a.png": png(SEVEN)}, numbers)
    assert "has more than 1 drawings" in refused(path)
    own = load_own_drawings(write_zip(path, rows[:1], {"a.png": png(SEVEN)}, numbers[:1]))
    assert (len(own.labels), len(own.numbers)) == (1, 1)


def test_what_unpacks_to_too_much_is_refused_unread(tmp_path, monkeypatch):
    from model.data import own_drawings

    monkeypatch.setattr(own_drawings, "MOST_BYTES", 10_000)
    path = write_zip(tmp_path / "bomb.zip", [], {"a.png": bytes(20_000)})
    assert path.stat().st_size < 10_000
    assert "unpacks to more" in refused(path)
    monkeypatch.setattr(own_drawings, "MOST_PIXELS", 100 * 100)
    rows, files = [{"file": "a.png", "label": 7}], {"a.png": png(SEVEN)}
    said = refused(write_zip(tmp_path / "large.zip", rows, files))
    assert f"'a.png', has {SEVEN.size:,} pixels, where 10,000 are the most" in said


def test_pictures_of_numbers_are_no_more_than_memory_has_room_for(tmp_path, monkeypatch):
    from model.data import own_drawings

    numbers = [{"file": "a.png", "label": "77"}] * 3
    path = write_zip(tmp_path / "a.zip", None, {"a.png": png(SEVEN)}, numbers)
    monkeypatch.setattr(own_drawings, "MOST_BYTES", 3 * SEVEN.size)
    assert len(load_own_drawings(path).numbers) == 3
    monkeypatch.setattr(own_drawings, "MOST_BYTES", 3 * SEVEN.size - 1)
    assert "of pixels; split it" in refused(path)
