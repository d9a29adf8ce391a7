"""Fixtures that several test modules share: the weights, and the service as it really runs."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from running import PROJECT, RunningService, start_service

from model.data.mnist import Mnist, load_mnist
from model.errors import MnistError

pytest_plugins = ["browser"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that are marked `alone`: no long one runs yet, for which they wait.

    The `slow` ones follow, so that in the end no worker has one while the others have nothing.
    """
    items.sort(key=lambda item: [not item.get_closest_marker(name) for name in ("alone", "slow")])


@pytest.fixture(autouse=True)
def turn(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Let a test that is marked `alone` run while no other does, since it measures time."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    alone = request.node.get_closest_marker("alone") is not None
    folder = tmp_path_factory.getbasetemp().parent  # that of all workers
    with ExitStack() as stack:
        entrance, room = (
            stack.enter_context((folder / name).open("w")) for name in ("entrance", "room")
        )
        # Who waits for the empty room keeps the entrance meanwhile, so that it does become empty.
        fcntl.flock(entrance, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(entrance, fcntl.LOCK_UN)
        yield


@pytest.fixture(scope="session")
def weights_path() -> Path:
    """The weights that the project serves."""
    return Path(os.environ.get("DIGITS_WEIGHTS", PROJECT / "weights" / "digits.npz"))


@pytest.fixture(scope="session")
def running_service(
    tmp_path_factory: pytest.TempPathFactory, weights_path: Path
) -> Iterator[RunningService]:
    """One service for all tests that do not change it."""
    running = start_service(tmp_path_factory.mktemp("service"), weights=weights_path)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def service(running_service: RunningService) -> str:
    """Its base URL, such as http://127.0.0.1:41234."""
    return running_service.url


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    """The real data, from MNIST_DIR or the cache folder."""
    try:
        return load_mnist(download=False)
    except MnistError as error:
        pytest.skip(str(error))
