import numpy as np
import pytest

from model.nn.fast.matmul import by_columns, by_rows


@pytest.mark.parametrize("rows", [1, 97, 144, 6272])  # 97 is prime: it cannot be cut
def test_pieces_of_rows_give_the_whole_product(rows):
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((2, rows, 288)), rng.standard_normal((2, 288, 48))
    out = np.empty((2, rows, 48))
    pieces = by_rows(a, b, out)
    np.matmul(*pieces)
    np.testing.assert_allclose(out, a @ b, rtol=1e-12, atol=1e-12)
    assert (pieces[0].shape[-2] < rows) == (rows in (144, 6272))


@pytest.mark.parametrize("columns", [1, 1601, 4608])
def test_pieces_of_columns_give_the_whole_product(columns):
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((25, 25)), rng.standard_normal((25, columns))
    out = np.empty((25, columns))
    pieces = by_columns(a, b, out)
    np.matmul(*pieces)
    np.testing.assert_allclose(out, a @ b, rtol=1e-12, atol=1e-12)
    assert (pieces[1].shape[-1] < columns) == (columns == 4608)
