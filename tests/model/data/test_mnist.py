"""MNIST is found, downloaded, verified and read, from servers that misbehave as real ones do."""

import gzip
import hashlib
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from model.data import mnist
from model.data.mnist import FILES, IdxFile, Mnist, load_mnist
from model.errors import MnistError

COUNTS = {"train": 40, "t10k": 20}


def idx(array, magic=None):
    """The bytes of an IDX file, written by the format's description."""
    header = (magic or 0x0800 + array.ndim).to_bytes(4, "big")
    return header + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def described(name, content, shape):
    return IdxFile(name, shape, hashlib.sha256(content).hexdigest())


@pytest.fixture(scope="module")
def small():
    """A data set of 60 noise pictures: its arrays, its files' contents, and the table of its files.

    Noise does not compress, so that a compressed file can break off anywhere.
    """
    rng = np.random.default_rng(0)
    arrays, contents, files = [], {}, []
    for part, count in COUNTS.items():
        for kind, shape in (("images-idx3", (count, 28, 28)), ("labels-idx1", (count,))):
            array = rng.integers(0, 256 if len(shape) == 3 else 10, shape, dtype=np.uint8)
            name = f"{part}-{kind}-ubyte"
            arrays.append(array)
            contents[name] = idx(array)
            files.append(described(name, contents[name], shape))
    return Mnist(*arrays), contents, files


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The user's cache folder, empty; and no folder is named by the environment."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("MNIST_DIR", raising=False)
    return tmp_path / "cache" / "digit-recognizer"


@pytest.fixture(scope="module")
def server(small):
    """A server where the first folder of a path says how it behaves; it notes what is asked."""
    contents = small[1]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            how, name = self.path.strip("/").split("/")
            self.server.requests.append((how, name, self.headers.get("Range")))
            content = contents[name.removesuffix(".gz")]
            packed = gzip.compress(content, mtime=0)
            start = 0
            if how == "breaks" and self.headers.get("Range"):
                start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            match how:
                case "good":
                    self.answer(200, packed)
                case "raw":
                    self.answer(200, content)
                case "breaks":  # two thirds of what is left, then the connection is gone
                    rest = packed[start:]
                    self.answer(
                        206 if start else 200, rest, sent=len(rest) * 2 // 3 + 1, start=start
                    )
                case "breaks-without-ranges":  # the first request breaks off, the next begins anew
                    first = not self.headers.get("Range")
                    self.answer(200, packed, sent=len(packed) // 2 if first else None)
                case "always-breaks":
                    self.answer(200, packed, sent=len(packed) // 2)
                case "says-too-much":
                    self.answer(200, packed, said=10 * len(packed))
                case "says-too-little":
                    self.answer(200, packed, said=len(packed) // 2)
                case "says-nothing":
                    self.answer(200, packed, said=None)
                case "other":
                    other = bytearray(content)
                    other[-1] ^= 1
                    self.answer(200, gzip.compress(bytes(other)))
                case "page":
                    self.answer(200, b"<html>Sign in to the network of this hotel</html>")
                case "damaged":
                    self.answer(200, packed[:100] + b"\xff" * 50 + packed[150:])
                case "bomb":
                    self.answer(200, gzip.compress(content + bytes(2_000_000)))
                case "endless":
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(packed[:20])
                    for _ in range(1000):
                        self.wfile.write(bytes(1 << 16))
                case "trickle":  # 20 pieces, each in time
                    self.headers_of(200, len(packed))
                    step = len(packed) // 20 + 1
                    for at in range(0, len(packed), step):
                        self.wfile.write(packed[at : at + step])
                        time.sleep(0.01)
                case "drips":  # half of it, and that takes seconds
                    self.headers_of(200, len(packed))
                    for at in range(len(packed) // 2):
                        self.wfile.write(packed[at : at + 1])
                        time.sleep(0.01)
                case "stalls":
                    self.headers_of(200, len(packed))
                    self.wfile.write(packed[:100])
                    self.server.stopping.wait(5)
                case "busy":
                    self.answer(503, b"")
                case "no-http":
                    self.wfile.write(b"What?\r\n\r\n")

        def headers_of(self, status, length, start=None):
            self.send_response(status)
            if length is not None:
                self.send_header("Content-Length", str(length))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{start + length - 1}/*")
            self.end_headers()

        def answer(self, status, body, sent=None, said=-1, start=None):
            self.headers_of(status, len(body) if said == -1 else said, start)
            self.wfile.write(body[:sent])

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        requests: list[tuple[str, str, str | None]]
        stopping = threading.Event()

        def handle_error(self, request, client_address):  # the client hangs up: that is the test
            pass

    with Server(("127.0.0.1", 0), Handler) as running:
        running.requests = []
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.stopping.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def load(server, small, cache):
    """Load the small data set from the server's folders that are named."""
    server.requests.clear()

    def load(*behaviours, **options):
        mirrors = [f"http://127.0.0.1:{server.server_port}/{how}/" for how in behaviours]
        return load_mnist(files=small[2], mirrors=mirrors, **options)

    return load


def same(loaded, expected):
    return all(np.array_equal(one, other) for one, other in zip(loaded, expected, strict=True))


def fill(folder, contents, packed=False):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_is_read_compressed_or_not(tmp_path, small, load, packed, server):
    expected, contents, _ = small
    fill(tmp_path / "mine", contents, packed)
    assert same(load("good", data_dir=tmp_path / "mine"), expected)
    assert server.requests == []


def test_the_folder_of_the_environment_is_read(tmp_path, small, load, monkeypatch, server):
    expected, contents, _ = small
    fill(tmp_path / "mine", contents)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "mine"))
    assert same(load("good"), expected)
    assert server.requests == []


def kaggle(name):
    """Kaggle's archive has each file twice: in a folder of its name, and by a name with a dot."""
    return name.replace("-idx", ".idx")


@pytest.mark.parametrize("asked_for", ["", "MNIST", "MNIST/raw"])
@pytest.mark.parametrize("packed", [False, True])
def test_torchvisions_folders_are_read(tmp_path, small, load, server, asked_for, packed):
    expected, contents, _ = small
    fill(tmp_path / "data" / "MNIST" / "raw", contents, packed)
    assert same(load(data_dir=tmp_path / "data" / asked_for), expected)
    assert server.requests == []


@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("in_folders", [False, True])
def test_kaggles_archive_is_read(tmp_path, small, load, server, dotted, in_folders):
    expected, contents, _ = small
    for name, content in contents.items():
        folder = tmp_path / "archive" / name if in_folders else tmp_path / "archive"
        fill(folder, {kaggle(name) if dotted else name: content})
    assert same(load(data_dir=tmp_path / "archive"), expected)
    assert server.requests == []


def test_kaggles_archive_is_read_as_it_is_unpacked(tmp_path, small, load):
    expected, contents, _ = small
    for name, content in contents.items():
        fill(tmp_path / "archive", {kaggle(name): content})
        fill(tmp_path / "archive" / name, {name: content})
    assert same(load(data_dir=tmp_path / "archive"), expected)


def test_a_spoilt_file_is_refused_by_whatever_name_it_has(tmp_path, small, load):
    _, contents, files = small
    fill(tmp_path / "mine", {kaggle(name): content for name, content in contents.items()})
    path = tmp_path / "mine" / kaggle(files[0].name)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(MnistError, match=f"{path} .*ends too early"):
        load("good", data_dir=tmp_path / "mine")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["train.csv", "test.csv"], "holds test.csv, train.csv"),  # Kaggle's other data set
        (["mnist.npz"], "holds mnist.npz"),  # Keras's
        ([], "is empty"),
        ([f"{n}.png" for n in range(20)], "holds 0.png, 1.png, .*, ..."),
    ],
)
def test_what_was_found_instead_is_said(tmp_path, cache, small, names, said):
    mine = tmp_path / "mine"
    fill(mine, dict.fromkeys(names, b"something"))
    for download in (False, True):
        with pytest.raises(MnistError, match=rf"is not in {mine} or .* \({mine} {said}\)"):
            load_mnist(mine, files=small[2], mirrors=[], download=download)


@pytest.mark.parametrize(
    "behaviour",
    [
        "good",
        "raw",
        "breaks",
        "breaks-without-ranges",
        "says-too-much",
        "says-nothing",
        "trickle",
    ],
)
def test_a_download_ends_well_and_is_kept(load, small, cache, behaviour, server):
    expected, _, files = small
    assert same(load(behaviour), expected)
    assert sorted(path.name for path in cache.iterdir()) == sorted(f"{f.name}.gz" for f in files)
    asked = len(server.requests)
    assert same(load(behaviour), expected)
    assert len(server.requests) == asked, "the second time needs no network"


def test_a_broken_download_goes_on_where_it_broke_off(load, small, server):
    load("breaks")
    name = small[2][0].name + ".gz"
    ranges = [asked for _, asked_name, asked in server.requests if asked_name == name]
    starts = [int(asked.removeprefix("bytes=").removesuffix("-")) for asked in ranges[1:]]
    assert ranges[0] is None
    assert len(starts) >= 2
    assert starts == sorted(set(starts))


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("always-breaks", "ends too early"),
        ("says-too-little", "ends too early"),
        ("other", "SHA-256"),
        ("page", "neither an IDX file nor a compressed one"),
        ("damaged", "damaged"),
        ("bomb", "too long"),
        ("endless", "damaged"),
        ("stalls", "ends too early"),
        ("busy", "Service Unavailable"),
        ("no-http", "What?"),
    ],
)
def test_a_bad_mirror_is_named_and_the_next_one_is_used(
    load, small, cache, behaviour, reason, monkeypatch
):
    monkeypatch.setattr(mnist, "TIMEOUT", 0.2 if behaviour == "stalls" else 10)
    with pytest.raises(MnistError, match=f"{behaviour}/ .*{reason}"):
        load(behaviour)
    assert list(cache.iterdir()) == [], "nothing that looks like a file, and no rest"
    assert same(load(behaviour, "good"), small[0])


def test_a_request_that_trickles_for_too_long_is_broken_off_and_resumed(load, server, monkeypatch):
    monkeypatch.setattr(mnist, "REQUEST_SECONDS", 0.15)
    with pytest.raises(MnistError, match="ends too early"):
        load("drips")  # gives no ranges, so each request gets about as far
    assert {asked for _, _, asked in server.requests} > {None}


def test_two_downloads_at_once_do_not_disturb_each_other(load, small, cache):
    results: list[Mnist] = []
    threads = [threading.Thread(target=lambda: results.append(load("trickle"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(same(result, small[0]) for result in results)
    assert len(list(cache.iterdir())) == 4


def test_a_killed_download_leaves_nothing_that_looks_whole(server, small, cache):
    program = (
        "from model.data.mnist import IdxFile, load_mnist\n"
        f"load_mnist(files=[IdxFile(*f) for f in {[tuple(f) for f in small[2]]}], "
        f"mirrors=['http://127.0.0.1:{server.server_port}/stalls/'])"
    )
    server.requests.clear()
    process = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[3])
    end = time.monotonic() + 20
    while not server.requests and time.monotonic() < end:
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert server.requests
    assert list(cache.iterdir()) == []


def test_a_spoilt_file_of_the_cache_is_fetched_again(load, small, cache):
    expected, contents, files = small
    fill(cache, contents, packed=True)
    spoilt = cache / f"{files[2].name}.gz"
    spoilt.write_bytes(spoilt.read_bytes()[:-100])
    with pytest.raises(MnistError, match="ends too early; delete it"):
        load(download=False)
    assert same(load("good"), expected)
    assert same(load(download=False), expected), "it is good again"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda content: content[:-1], "ends too early"),
        (lambda content: content + b"\0", "too long"),
        (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "SHA-256"),
        (lambda content: b"PK\x03\x04" + content, "neither an IDX file"),
        (lambda content: gzip.compress(content)[:-9], "ends too early"),
        (lambda content: gzip.compress(content + bytes(1_000_000)), "too long"),
        (lambda content: b"", "neither an IDX file"),
    ],
)
def test_a_spoilt_file_in_the_folder_asked_for_is_refused(tmp_path, small, load, spoil, reason):
    _, contents, files = small
    path = tmp_path / "mine" / files[1].name
    fill(tmp_path / "mine", contents)
    path.write_bytes(spoil(contents[files[1].name]))
    with pytest.raises(MnistError, match=f"{path} .*{reason}"):
        load("good", data_dir=tmp_path / "mine")


def test_a_folder_in_place_of_a_file_is_refused(tmp_path, small, load):
    (tmp_path / "mine" / small[2][0].name).mkdir(parents=True)
    with pytest.raises(MnistError, match=r"cannot be read: Is a directory"):
        load("good", data_dir=tmp_path / "mine")


def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path, small, load):
    (tmp_path / "mine").mkdir()
    os.mkfifo(tmp_path / "mine" / small[2][0].name)
    with pytest.raises(MnistError, match=r"cannot be read \(it is not a regular file\)"):
        load("good", data_dir=tmp_path / "mine")


def test_a_file_that_is_far_too_large_is_not_read(tmp_path, small, load):
    path = tmp_path / "mine" / small[2][0].name
    fill(tmp_path / "mine", small[1])
    with path.open("ab") as file:
        file.truncate(2**33)
    with pytest.raises(MnistError, match=f"{path} is larger than"):
        load("good", data_dir=tmp_path / "mine")


@pytest.mark.parametrize(
    ("content", "shape", "reason"),
    [
        (idx(np.zeros(3, np.uint8), magic=0x0D01), (3,), "no IDX file of bytes with 1 axes"),
        (idx(np.zeros((1, 3), np.uint8)), (3, 1), r"shape \[1, 3\], not \[3, 1\]"),
        (idx(np.array([0, 10, 9], np.uint8)), (3,), "label 10"),
    ],
)
def test_magic_shape_and_labels_are_checked_too(tmp_path, cache, content, shape, reason):
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(MnistError, match=reason):
        load_mnist(tmp_path, files=[described("odd", content, shape)] * 4, download=False)


def test_without_data_and_network_the_error_says_where_it_looked_and_what_to_do(
    tmp_path, cache, small, unused_port
):
    mirror = f"http://127.0.0.1:{unused_port}/"
    with pytest.raises(MnistError) as caught:
        load_mnist(tmp_path / "mine", files=small[2], mirrors=[mirror])
    message = str(caught.value)
    for part in (tmp_path / "mine", cache, mirror, "refused", "--data-dir", "MNIST_DIR"):
        assert str(part) in message
    assert message.count("\n") == 0


@pytest.fixture
def unused_port():
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        return closed.server_port


def test_without_permission_to_download_nothing_is_asked_for(load, server, cache):
    with pytest.raises(MnistError, match=f"is not in {cache}"):
        load("good", download=False)
    assert server.requests == []


def test_a_cache_folder_that_cannot_be_written_is_named(load, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(MnistError, match=r"cannot be kept in .*file.*XDG_CACHE_HOME"):
        load("good")


def test_progress_reaches_the_end_of_every_file(load, small):
    seen: dict[str, list[tuple[int, int]]] = {}
    load(
        "trickle",
        progress=lambda name, so_far, total: seen.setdefault(name, []).append((so_far, total)),
    )
    assert list(seen) == [file.name for file in small[2]]
    for steps in seen.values():
        received = [so_far for so_far, _ in steps]
        assert received == sorted(received)
        assert steps[-1][0] == steps[-1][1]
        assert all(so_far < total for so_far, total in steps[:-1])


def test_the_bar_is_one_line_for_each_file_where_there_is_no_terminal(load, capsys):
    load("trickle")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("train-images-idx3-ubyte [##############################]")


@pytest.mark.mnist
def test_the_real_data_set():
    here = [mnist.cache_folder(), Path(os.environ.get("MNIST_DIR") or "/nowhere")]
    if not any(list(folder.glob("train-images-idx3-ubyte*")) for folder in here):
        pytest.skip("MNIST is not on this machine")
    loaded = load_mnist(download=False)
    assert [array.shape for array in loaded] == [file.shape for file in FILES]
    assert loaded.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    # How often each digit occurs, as the data set's page and many papers give it.
    assert np.bincount(loaded.test_labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
