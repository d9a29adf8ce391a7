"""Matrix products in pieces that BLAS multiplies fastest.

OpenBLAS first copies ("packs") both factors into the order of its innermost loop. That pays for
large products; ours are tall or wide but thin, and packing them takes up to half of the time. On
processors with AVX-512 it leaves the packing out below a million multiplications. So a product
is cut into pieces just below that: as many small products, for which one call of NumPy suffices.
"""

from functools import lru_cache

import numpy as np

from model.nn.base import Array

_LIMIT = 1_000_000  # multiplications; OpenBLAS, kernel/x86_64/sgemm_small_kernel_permit_skylakex.c
_LEAST = 8  # rows or columns: thinner pieces are slower than packing


@lru_cache(maxsize=1024)
def piece_of(length: int, multiplications: int) -> int:
    """Return how many rows or columns, of ``length``, a piece is to have: a divisor, or all.

    ``multiplications`` is what one row or column takes; a piece keeps to the limit.
    """
    for piece in range(min(length, _LIMIT // max(multiplications, 1)), _LEAST - 1, -1):
        if length % piece == 0:
            return piece
    return length


def by_rows(a: Array, b: Array, out: Array) -> tuple[Array, Array, Array]:
    """Return views with which np.matmul writes a @ b to ``out``, rows of ``a`` in pieces.

    Shapes: a (..., M, K), b (..., K, N), out (..., M, N), which is contiguous.
    """
    *stack, rows, inner = a.shape
    columns = b.shape[-1]
    piece = piece_of(rows, inner * columns)
    return (
        a.reshape(*stack, -1, piece, inner),
        b[..., np.newaxis, :, :],
        out.reshape(*stack, -1, piece, columns),
    )


def by_columns(a: Array, b: Array, out: Array) -> tuple[Array, Array, Array]:
    """Return views with which np.matmul writes a @ b to ``out``, columns of ``b`` in pieces.

    Shapes: a (M, K), b (K, N), out (M, N), the last two contiguous.
    """
    rows, inner = a.shape
    columns = b.shape[1]
    piece = piece_of(columns, rows * inner)
    return (
        a,
        b.reshape(inner, -1, piece).transpose(1, 0, 2),
        out.reshape(rows, -1, piece).transpose(1, 0, 2),
    )
