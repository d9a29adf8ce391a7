import inspect
import io
import os
import pickle
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from model.bulk import sources
from model.bulk.items import ArrayPicture, PackedPicture, PictureFile, Unreadable
from model.bulk.sources import Inputs
from model.errors import CommandError


def of(*paths):
    inputs = Inputs([str(path) for path in paths])
    return list(inputs.items()), inputs


def test_a_folder_is_read_by_name_and_what_is_no_picture_by_its_name_is_left_out(tmp_path, png):
    for name in ("b.png", "a/z.jpg", "a/b/c", "B.PNG", "notes.txt", "a/labels.csv", ".hidden.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png)
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "linked.png").symlink_to(tmp_path / "b.png")
    items, inputs = of(tmp_path)
    names = ["B.PNG", "a/b/c", "a/z.jpg", "b.png", "linked.png"]
    assert items == [PictureFile(str(tmp_path / name), str(tmp_path / name)) for name in names]
    assert inputs.left_out == 4
    assert inputs.count() == 5


def test_paths_come_in_the_order_in_which_they_were_given(tmp_path, png):
    for name in ("b", "a"):
        (tmp_path / name).write_bytes(png)
    items, _ = of(tmp_path / "b", tmp_path / "a", tmp_path / "b")
    assert [one.source[-1] for one in items] == ["b", "a", "b"]


def test_files_are_known_by_their_first_bytes(tmp_path, png):
    with zipfile.ZipFile(tmp_path / "pictures", "w") as made:
        made.writestr("folder/one.png", png)
        made.writestr("__MACOSX/folder/._one.png", b"")
        made.writestr("drawings.json", b"[]")
    np.save(tmp_path / "array.npy", np.zeros((2, 28, 28), np.uint8))
    np.savez(tmp_path / "arrays.npz", frames=np.zeros((3, 28, 28), np.uint8))
    (tmp_path / "unknown").write_bytes(png)
    items, inputs = of(tmp_path)
    assert [type(one) for one in items] == [
        *[ArrayPicture] * 2, *[ArrayPicture] * 3, PackedPicture, PictureFile
    ]  # fmt: skip
    assert items[5].source == f"{tmp_path}/pictures/folder/one.png"
    assert inputs.left_out == 2


def test_a_damaged_archive_is_one_item_behind_those_that_could_be_read(tmp_path, png):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("one.png", png)
        made.writestr("two.png", png)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"PK\1\2")] + b"no" + data[data.rindex(b"PK\1\2") + 2 :])
    one, last = of(path)[0]
    assert one.source == f"{path}/one.png"
    assert last == Unreadable(str(path), "is damaged or was cut short")


def test_a_path_that_is_not_there_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(CommandError, match=r"there is no file .*missing"):
        of(tmp_path, tmp_path / "missing")


def test_pipes_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    [item] = of(tmp_path)[0]
    assert isinstance(item, PictureFile)  # whose row will say what is wrong


def test_a_folder_that_cannot_be_listed_is_one_item(tmp_path, monkeypatch, png):
    for name in ("closed", "open"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(png)
    scandir = os.scandir

    def refuse(folder):  # whoever runs the tests may be root, for whom no folder is closed
        if str(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    closed, read = of(tmp_path)[0]
    assert closed == Unreadable(f"{tmp_path}/closed", "cannot be read (Permission denied)")
    assert read.source == f"{tmp_path}/open/a.png"


def test_a_large_folder_is_sorted_in_pieces_that_are_not_kept_in_memory(tmp_path, monkeypatch):
    names = [f"{number * 7919 % 4000:04}-{'x' * 100}.png" for number in range(4000)]
    for name in names:
        (tmp_path / name).touch()
    monkeypatch.setattr(sources, "_SORTED_TOGETHER", 200)
    tracemalloc.start()
    found = sum(1 for _ in Inputs([str(tmp_path)]).items())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 4000
    assert peak < 500_000  # bytes: all names would be 1 MB and more
    assert [one.source for one in of(tmp_path)[0]] == sorted(str(tmp_path / one) for one in names)


def test_folders_may_be_nested_deeper_than_python_calls(tmp_path, png):
    folder = tmp_path / Path(*["d"] * 150)
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(png)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        [item] = of(tmp_path)[0]
    finally:
        sys.setrecursionlimit(before)
    assert item.path == str(folder / "a.png")


def test_an_archive_within_an_archive_is_an_item_that_is_no_picture(tmp_path, scorer):
    inner = io.BytesIO()
    zipfile.ZipFile(inner, "w").close()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("b.zip", inner.getvalue())
    [item] = of(tmp_path / "a.zip")[0]
    assert scorer.row(item).said == f"{tmp_path}/a.zip/b.zip is not a picture that can be read"


def test_files_at_a_uri_are_read_like_those_here(tmp_path, png, scorer):
    (tmp_path / "a b%20").mkdir()
    for name in ("b.png", "a b%20/ä.png", "notes.txt", ".hidden"):
        (tmp_path / name).write_bytes(png)
    items, inputs = of(f"file://{tmp_path}")
    assert [one.source for one in items] == [
        f"file://{tmp_path}/a b%20/ä.png",
        f"file://{tmp_path}/b.png",
    ]
    assert inputs.left_out == 2
    assert inputs.count() == 2
    for item in pickle.loads(pickle.dumps(items)):  # noqa: S301 - as it is sent to a process
        assert scorer.row(item).said.startswith(f"{item.source}: 7 (digit)")
    (tmp_path / "b.png").unlink()
    assert "cannot be read" in scorer.row(items[1]).said
    [alone], _ = of(f"file://{tmp_path}/notes.txt")
    assert alone.source == f"file://{tmp_path}/notes.txt"


@pytest.mark.parametrize(
    ("uri", "reason"),
    [("file:///no/where", "there is no file"), ("nothing://at/all", "cannot be reached")],
)
def test_a_uri_that_leads_nowhere_is_refused(uri, reason):
    with pytest.raises(CommandError, match=reason):
        of(uri)
