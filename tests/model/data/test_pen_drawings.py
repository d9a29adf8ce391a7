import gzip
import json
import os

import pytest

from model.data import pen_drawings
from model.data.pen_drawings import load_pen_drawings
from model.errors import DrawingsError

DRAWING = {"flag": None, "strokes": [[[0, 0], [1, 1]]], "label": 7, "writer": "w"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "render.py").touch()
    return tmp_path


def put(folder, content):
    (folder / "drawings.json.gz").write_bytes(gzip.compress(content))
    return folder


def test_ambiguous_drawings_are_left_out(folder):
    drawings = [DRAWING, {**DRAWING, "flag": "ambiguous"}, {**DRAWING, "label": 3}]
    loaded = load_pen_drawings(put(folder, json.dumps(drawings).encode()))
    assert loaded.labels.tolist() == [7, 3]


@pytest.mark.parametrize("content", [b"", b"[", b'[{"flag": null}]', b"[7]"])
def test_a_damaged_list_is_refused(folder, content):
    with pytest.raises(DrawingsError, match=r"drawings\.json\.gz is damaged"):
        load_pen_drawings(put(folder, content))


def test_a_list_cut_short_is_refused(folder):
    path = put(folder, json.dumps([DRAWING] * 50).encode()) / "drawings.json.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DrawingsError, match="is damaged"):
        load_pen_drawings(folder)


def test_what_unpacks_to_too_much_is_not_kept(folder, monkeypatch):
    monkeypatch.setattr(pen_drawings, "MOST_BYTES", 2**20)
    put(folder, bytes(2**20 + 1))
    with pytest.raises(DrawingsError, match="unpacks to more than 1 MiB"):
        load_pen_drawings(folder)


def test_a_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "drawings.json.gz")
    with pytest.raises(DrawingsError, match="it is not a regular file"):
        load_pen_drawings(folder)
