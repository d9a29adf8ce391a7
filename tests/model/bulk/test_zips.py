"""Members of ZIPs as Python's zipfile writes them, and as nobody should."""

import io
import random
import struct
import tracemalloc
import zipfile

import pytest

from model.bulk.zips import find_directory, members, read_member
from model.errors import FileError

MIB = 2**20
CONTENTS = {"a.png": b"a" * 1000, "folder/ä.png": bytes(range(256)), "empty": b""}


def archive(path, contents=CONTENTS, method=zipfile.ZIP_DEFLATED, **options):
    with zipfile.ZipFile(path, "w", method, **options) as made:
        made.mkdir("folder") if "folder/ä.png" in contents else None
        for name, content in contents.items():
            made.writestr(name, content)
    return path


def contents(path):
    with path.open("rb") as file:
        return {one.name: read_member(str(path), one, MIB) for one in listed(file)}


def listed(file):
    return list(members(file, find_directory(file)))


def refused(function, *arguments):
    with pytest.raises(FileError) as caught:
        function(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_are_read_in_order_and_folders_left_out(tmp_path, method):
    path = archive(tmp_path / "a.zip", method=method)
    found = contents(path)
    assert found == CONTENTS
    assert list(found) == list(CONTENTS)
    with path.open("rb") as file:
        assert find_directory(file).members == 4


def test_a_comment_behind_and_bytes_before_do_not_matter(tmp_path):
    made = archive(tmp_path / "a.zip")
    with zipfile.ZipFile(made, "a") as opened:
        opened.comment = b"PK\5\6 is how an end begins"[6:]
    made.write_bytes(b"#!/bin/sh unpack me\n" + made.read_bytes())
    assert contents(made) == CONTENTS


def test_however_many_members_are_listed_in_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1000)  # above it, as if they were 65,536
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as made:
        for number in range(4000):
            made.writestr(zipfile.ZipInfo(f"{number}.png"), b"")
    assert b"PK\6\6" in path.read_bytes()
    with path.open("rb") as file:
        directory = find_directory(file)
        assert directory.members == 4000
        tracemalloc.start()
        count = sum(1 for _ in members(file, directory))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 4000
    assert peak < 200_000  # bytes: zipfile takes 2.6 MB


def test_numbers_that_do_not_fit_are_in_the_extra_field(tmp_path):
    path = archive(tmp_path / "a.zip", {"a": b"abc"}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    at = data.index(b"PK\1\2")
    entry = bytearray(data[at : at + 47])
    struct.pack_into("<2L", entry, 20, 2**32 - 1, 2**32 - 1)  # both sizes
    struct.pack_into("<H", entry, 30, 4 + 5 + 4 + 16)  # the extra field
    extra = struct.pack("<2H5s2H2Q", 0x5455, 5, b"times", 1, 16, 3, 3)
    end = bytearray(data[at + 47 :])
    struct.pack_into("<L", end, 12, len(entry) + len(extra))
    path.write_bytes(data[:at] + bytes(entry) + extra + bytes(end))
    with zipfile.ZipFile(path) as opened:
        assert opened.read("a") == b"abc"
    assert contents(path) == {"a": b"abc"}


def test_what_unpacks_to_more_than_it_may_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", {"bomb": bytes(MIB + 1)})
    with path.open("rb") as file:
        [bomb] = listed(file)
    assert refused(read_member, str(path), bomb, MIB) == "is larger than 1 MiB"
    # One that says that it is small is unpacked no further than that.
    lying = bomb._replace(size=10)
    assert "damaged" in refused(read_member, str(path), lying, MIB)


def test_other_methods_and_encrypted_members_are_refused(tmp_path):
    path = archive(tmp_path / "a.zip", {"a": b"a"}, zipfile.ZIP_BZIP2)
    with path.open("rb") as file:
        [packed] = listed(file)
    assert "another method" in refused(read_member, str(path), packed, MIB)
    assert "encrypted" in refused(read_member, str(path), packed._replace(encrypted=True), MIB)


def test_a_changed_byte_is_seen(tmp_path):
    path = archive(tmp_path / "a.zip", {"a": b"abcdef"}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"abcdef", b"abcdeg"))
    assert "damaged" in refused(contents, path)


@pytest.mark.parametrize("kept", [0, 3, 21, 60, 150, 250, -1, -30])
def test_what_was_cut_short_is_damaged(tmp_path, kept):
    path = archive(tmp_path / "a.zip")
    path.write_bytes(path.read_bytes()[:kept])
    assert "damaged" in refused(contents, path)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_bytes_are_changed_nothing_but_a_file_error_comes_of_it(tmp_path, seed):
    rng = random.Random(seed)
    path = archive(tmp_path / "a.zip")
    original = path.read_bytes()
    for _ in range(50):
        data = bytearray(original)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            contents(path)
        except FileError:
            continue


def test_a_stream_without_a_directory_is_damaged():
    assert "damaged" in refused(find_directory, io.BytesIO(b"PK\3\4" + bytes(100)))
