"""Files are whole or not there, and those of strangers are read within bounds."""

import io
import os
import struct
import zipfile

import numpy as np
import pytest

from model.errors import FileError
from model.files import open_archive, read_arrays, read_member, read_whole, write_whole

MIB = 2**20


def packed(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def declaring(content, size):
    """The archive with a false size, of what its last member unpacks to, in its directory."""
    changed = bytearray(content)
    struct.pack_into("<I", changed, changed.rindex(b"PK\1\2") + 24, size)
    return bytes(changed)


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def refused(function, *arguments):
    with pytest.raises(FileError) as caught:
        function(*arguments)
    return str(caught.value)


# ---- whole files -------------------------------------------------------------------------------


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "new" / "file"
    write_whole(path, b"abc")
    write_whole(path, b"abcd")
    assert read_whole(path, 4) == b"abcd"
    assert refused(read_whole, path, 3) == "is larger than 2.86102e-06 MiB"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_grows_is_read_to_the_limit_and_one_byte(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"abcdefgh")
    real = os.fstat

    def before_it_grew(descriptor):
        status = list(real(descriptor))
        status[6] = 2  # st_size
        return os.stat_result(status)

    monkeypatch.setattr("model.files.os.fstat", before_it_grew)
    assert "is larger than" in refused(read_whole, path, 4)
    assert read_whole(path, 8) == b"abcdefgh"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.mkdir(), "Is a directory"),
        (os.mkfifo, "not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
        (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
        (lambda path: path.symlink_to("/dev/tty"), r"cannot be read \("),
    ],
    ids=["missing", "folder", "pipe", "device", "circle", "terminal"],
)
def test_only_a_regular_file_is_read_and_nothing_is_waited_for(tmp_path, make, reason):
    make(tmp_path / "file")
    with pytest.raises(FileError, match=reason):
        read_whole(tmp_path / "file", 10)


def test_a_link_to_a_regular_file_is_followed(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert read_whole(tmp_path / "link", 10) == b"abc"


def test_a_name_that_no_file_can_have(tmp_path):
    assert "its name" in refused(read_whole, tmp_path / "a\0b", 10)
    assert "File name too long" in refused(read_whole, tmp_path / ("a" * 300), 10)


# ---- archives ----------------------------------------------------------------------------------


def test_members_are_read():
    with open_archive(packed({"a": b"1" * 5000, "b": b""}), 5000, 2) as archive:
        assert read_member(archive, "a") == b"1" * 5000
        assert read_member(archive, "b") == b""
        with pytest.raises(KeyError):
            read_member(archive, "c")


def test_a_comment_at_the_end_is_no_harm():
    file = io.BytesIO(packed({"a": b"1"}))
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = b"PK\1\2" * 100
    with open_archive(file.getvalue(), 10, 1) as archive:
        assert read_member(archive, "a") == b"1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not a ZIP file"),
        (b"PK", "is damaged"),
        (b"PK\5\6", "is damaged"),
        (packed({"a": b"1"})[:-1], "is damaged"),
        (packed({"a": bytes(1001)}), "unpacks to more than 0.00095"),
        (packed({"a": bytes(501), "b": bytes(500)}), "unpacks to more than"),
        (packed({str(i): b"" for i in range(50)}), "has more than 9 members"),
        (packed({"a" * 2000: b""}), "has more than 9 members"),
        (packed({"a": b"1"}, zipfile.ZIP_LZMA), "another method than deflate"),
        (packed({"a": b"1"}, zipfile.ZIP_BZIP2), "another method than deflate"),
        (packed({"a": b"1"})[:-22] + b"PK\6\7" + bytes(16) + b"PK\5\6" + bytes(18), "4 GiB"),
    ],
)
def test_other_archives_are_refused(content, reason):
    assert reason in refused(open_archive, content, 1000, 9)


def test_no_more_is_unpacked_than_a_member_declares():
    content = declaring(packed({"a": bytes(10 * MIB)}), 1000)
    archive = open_archive(content, 1000, 1)
    # Python finds that the checksum does not fit, after no more than those bytes.
    with archive, pytest.raises(zipfile.BadZipFile, match="Bad CRC"):
        read_member(archive, "a")


# ---- arrays ------------------------------------------------------------------------------------


def test_arrays_are_read():
    arrays = read_arrays(npz(a=np.arange(3), b=np.float32(2)), MIB, 2)
    assert arrays.keys() == {"a", "b"}
    np.testing.assert_array_equal(arrays["a"], [0, 1, 2])
    assert arrays["b"].dtype == np.float32


def header(text):
    """The beginning of a .npy file: magic, version 1.0, length, and a header of that text."""
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode()


DECLARES = "{{'descr': {!r}, 'fortran_order': False, 'shape': {}}}"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"GIF89a", "is not an .npz file"),
        (npz(a=np.array([None])), "pickled objects"),
        (packed({"a.npy": b"no array"}), "holds arrays that cannot be read"),
        (packed({"a": b""}), "holds arrays that cannot be read"),
        (packed({"a.npy": header(DECLARES.format("|u1", (3 * 10**9,)))}), "cannot be read"),
        (packed({"a.npy": header(DECLARES.format("<U700000000", (1,)))}), "cannot be read"),
        (packed({"a.npy": header(DECLARES.format("|u1", (10**30,)))}), "is damaged"),
        (packed({"a.npy": header(DECLARES.format("|u1", (-1,)))}), "cannot be read"),
        (packed({"a.npy": header(DECLARES.format("|u1", "(" * 2000))}), "cannot be read"),
        (packed({"a.npy": header(DECLARES.format("|u1", "(" * 300))}), "is damaged"),
        (packed({"a.npy": header("'" * 900)}), "cannot be read"),
        (declaring(packed({"a.npy": bytes(10 * MIB)}), 1000), "is damaged"),
    ],
)
def test_what_is_no_array_is_refused(content, reason):
    assert reason in refused(read_arrays, content, MIB, 9)
