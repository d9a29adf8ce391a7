import gzip
import io
import struct
import zipfile

import numpy as np
import pytest

from model.bulk.arrays import array_items, count_array, count_arrays, npz_items
from model.bulk.items import ArrayPicture, Unreadable


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (5, 3, 4), np.uint8)


def idx(array):
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def written(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    return str(tmp_path / "file")


def check(items, pictures, name="name"):
    items = list(items)
    assert [one.source for one in items] == [f"{name}[{i}]" for i in range(len(pictures))]
    np.testing.assert_array_equal([one.grey for one in items], pictures)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("form", [npy, idx])
def test_every_picture_is_read_in_order(tmp_path, pictures, form, pack):
    path = written(tmp_path, pack(form(pictures)))
    assert count_array(path) == 5
    check(array_items(path, "name"), pictures)


@pytest.mark.parametrize("form", [npy, idx])
def test_one_picture_may_have_no_axis_of_pictures(tmp_path, pictures, form):
    check(array_items(written(tmp_path, form(pictures[0])), "name"), pictures[:1])


@pytest.mark.mnist
def test_mnist_is_read_as_it_is(mnist, tmp_path):
    path = written(tmp_path, gzip.compress(idx(mnist.train_images[:100]), 1))
    check(array_items(path, "name"), mnist.train_images[:100])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_all_arrays_of_pictures_of_an_npz_are_read(tmp_path, pictures, save):
    path = tmp_path / "a.npz"
    save(path, one=pictures, labels=np.arange(5), names=np.array(["a"]), other=pictures[:2])
    assert count_arrays(str(path)) == 7
    items = list(npz_items(str(path), "a.npz"))
    check(items[:5], pictures, "a.npz/one")
    check(items[5:], pictures[:2], "a.npz/other")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (npy(np.zeros((2, 28, 28))), "holds float64 (2, 28, 28); what is read are pictures uint8"),
        (npy(np.zeros(4, np.uint8)), "holds uint8 (4,)"),
        (npy(np.zeros((1, 0, 3), np.uint8)), "holds uint8 (1, 0, 3)"),
        (npy(np.zeros((2, 3, 4), np.uint8, order="F")), "np.ascontiguousarray"),
        (npy(np.zeros((1, 1, 1), np.uint8)).replace(b"(1, 1, 1)", b"(1,9**9,1)"), "damaged"),
        (idx(np.zeros(9, np.uint8)), "holds uint8 (9,)"),
        (struct.pack(">4B3I", 0, 0, 8, 3, 1, 2**31, 2**31), "more than 89478485 pixels"),
        (b"\x93NUMPY\3\0" + bytes(200), "a format that arrays of pictures do not need"),
        (b"\x93NUMPY\1\0" + b"\xff" * 70_000, "damaged"),
        (gzip.compress(b"hello world", mtime=0), "neither an .npy nor an IDX file"),
        (gzip.compress(npy(np.zeros((1, 2, 2), np.uint8)), mtime=0)[:20], "damaged"),
        (b"\x1f\x8b nothing", "damaged"),
        (b"\0\0\x08\3\0", "damaged"),
        (b"", "neither"),
    ],
)
def test_what_is_no_array_of_pictures_is_one_item_that_says_why(tmp_path, data, reason):
    path = written(tmp_path, data)
    [item] = array_items(path, "name")
    assert isinstance(item, Unreadable)
    assert item.source == "name"
    assert reason in item.reason
    assert count_array(path) == 1


def test_objects_are_not_unpickled(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.array([{}], object), allow_pickle=True)
    [item] = array_items(str(path), "name")
    assert "holds object (1,)" in item.reason


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_what_was_cut_short_is_read_as_far_as_it_goes(tmp_path, pictures, pack):
    whole = pack(idx(pictures))
    cut = whole[:-10] if pack is bytes else whole[: len(whole) - 12]
    *read, last = array_items(written(tmp_path, cut), "name")
    assert all(isinstance(one, ArrayPicture) for one in read)
    assert isinstance(last, Unreadable)
    assert last.source == f"name[{len(read)}]"
    np.testing.assert_array_equal([one.grey for one in read], pictures[: len(read)])


def test_an_array_of_an_npz_that_cannot_be_read_costs_its_row_and_no_more(tmp_path, pictures):
    path = tmp_path / "a.npz"
    np.savez(path, first=pictures, labels=np.arange(5), columns=pictures.T, last=pictures)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_BZIP2) as made:
        made.writestr("bzip2.npy", npy(pictures))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\3\4")
    data[at : at + 4] = b"none"  # in front of the first
    path.write_bytes(data)
    items = list(npz_items(str(path), "a.npz"))
    assert count_arrays(str(path)) == len(items) == 8
    bad = {one.source: one.reason for one in (items.pop(0), items.pop(0), items.pop())}
    check(items, pictures, "a.npz/last")
    assert bad == {
        "a.npz/first": "is damaged or was cut short",
        "a.npz/columns": "has its columns before its rows; save np.ascontiguousarray of it",
        "a.npz/bzip2": "is packed by another method than deflate",
    }


@pytest.mark.parametrize("data", [b"PK\3\4 nothing", b"PK\5\6" + bytes(18), b""])
def test_an_npz_without_pictures_says_so(tmp_path, data):
    path = written(tmp_path, data)
    [item] = npz_items(path, "a.npz")
    assert "damaged" in item.reason or "holds no array of pictures" in item.reason
