"""Sums and products by channel, which go through pictures line by line."""

import numpy as np
import pytest

from model.nn.fast.channels import add_to_channels


@pytest.mark.parametrize("shape", [(6, 3), (2, 5, 3), (2, 4, 5, 3)])
def test_a_number_is_added_to_each_channel(shape):
    x = np.random.default_rng(0).standard_normal(shape)
    vector = np.array([1.0, 20.0, 300.0])
    wanted = x + vector
    add_to_channels(x, vector)
    np.testing.assert_allclose(x, wanted, rtol=1e-12)
