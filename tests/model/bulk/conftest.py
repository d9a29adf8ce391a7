import io
import os

import numpy as np
import pytest
from PIL import Image

from model.bulk.rows import Scorer, Task
from model.drawn.strokes import polyline, render
from model.weights import numbers_beside

# A cluster takes long to start, and Ray gives up on it where the machine is busy: only when asked.
collect_ignore = [] if os.environ.get("CLUSTER") else ["test_cluster.py"]


@pytest.fixture(scope="session")
def seven():
    """A 7, uint8 (140, 140), dark on white."""
    return render([polyline((0, 0), (0.6, 0), (0.2, 1))], size=140, height=100, line_width=10)


@pytest.fixture(scope="session")
def png(seven):
    file = io.BytesIO()
    Image.fromarray(seven).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="session")
def sevens():
    """Three hundred pictures of a 7, uint8 (N, 28, 28), light on dark, no two alike."""
    rng = np.random.default_rng(0)
    pictures = np.zeros((300, 28, 28), np.uint8)
    for picture in pictures:
        seven = [polyline((0, 0), (rng.uniform(0.5, 0.7), 0), (rng.uniform(0.1, 0.3), 1))]
        drawn = render(seven, size=140, height=100, line_width=rng.uniform(10, 14))
        picture[...] = 255 - np.asarray(Image.fromarray(drawn).reduce(5))
    return pictures


@pytest.fixture(scope="session")
def task(weights_path):
    return Task(weights_path, numbers_beside(weights_path))


@pytest.fixture(scope="session")
def scorer(task):
    return Scorer(task)
