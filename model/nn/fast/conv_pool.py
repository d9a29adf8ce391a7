"""The tutorial's network: a convolution of one channel, a pool and a dense layer in one go.

With one channel there is little to multiply, and a step waits for memory: nine copies of the
picture for the windows, and an output that the pool goes through again and again. But a pool of
2 x 2 wants only the largest of four windows of 3 x 3, and the four lie in one of 4 x 4 pixels. So
the windows of 4 x 4 are copied, two pixels apart. Their upper three rows, and their lower three,
are multiplied by each filter at the left and at the right of 3 x 4, zeros beside it. What the pool
compares are then four blocks of rows of the products. The zeros add nothing, so that windows which
were equal stay equal: ties as `MaxPool2D` has them. (BLAS may add up in another order where a
product ends amid its vectors; so blocks that are all zeros are put behind the last. OpenBLAS's
kernels for AVX-512 then add up alike everywhere; those for Haswell and Zen do not, and with them
some ties are lost to rounding, here as in `Conv2D` itself.)

The images stand innermost in memory: what is copied are then runs of as many numbers as there are
images, and the dense layer multiplies the result as it lies, from the other side.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from model.nn.base import Array, Shape, expect_shape
from model.nn.fast.matmul import by_rows, piece_of
from model.nn.fast.workspace import empty, scratch
from model.nn.layers import Conv2D, Dense, MaxPool2D
from model.nn.network import FRAME_SHAPE, Network

_VECTOR = 16  # numbers: the widest vector register holds so many in float32
_HALVES = [slice(0, 12), slice(4, 16)]  # of a window of 4 x 4: its upper and its lower three rows


class ConvPoolDense(Network):
    """Conv2D(filters, bias=False), MaxPool2D(), Dense(units): trained faster than one by one.

    It is a network of these three plain layers, and predicts as such; only `forward` and
    `backward` take them together. So a weights file names the plain layers, which any reader can
    build, and nothing that is loaded depends on this class: it serves the recipe that names it.

    Raises:
        ValueError: for other than a multiple of 8 filters, or pictures that are not (H, W, 1) with
            H and W even.
    """

    def __init__(
        self,
        filters: int,
        units: int,
        *,
        input_shape: Shape = FRAME_SHAPE,
        dtype: DTypeLike = np.float32,
    ) -> None:
        height, width, channels = input_shape
        if filters % 8 or height % 2 or width % 2 or channels != 1:
            raise ValueError(
                "a multiple of 8 filters and pictures of one channel with even sides can go "
                f"together, not {filters} filters on {input_shape}"
            )
        self._convolution, self._dense = Conv2D(filters, bias=False), Dense(units)
        layers = [self._convolution, MaxPool2D(), self._dense]
        super().__init__(layers, input_shape=input_shape, dtype=dtype)

    def forward(self, x: Array) -> tuple[Array, list[Any]]:
        """Return the logits (N, units) for x (N, H, W, 1), and what `backward` needs.

        Raises:
            ValueError: if x has another shape.
        """
        expect_shape("a batch of pictures", x, (len(x), *self.input_shape))
        cache = _forward(x, self._convolution.parameters["weights"])
        if cache.columns is None:
            logits, pooled = self._fast[2].forward(_by_image(cache.largest, x.shape))
            return logits, [cache, pooled]
        logits = empty((len(x), self._dense.units), x.dtype)
        np.matmul(*by_rows(cache.columns.T, self._weights_by_channel(), logits))
        logits += self._dense.parameters["bias"]
        return logits, [cache, None]

    def backward(
        self, dlogits: Array, caches: list[Any], *, input_gradient: bool = False
    ) -> tuple[Array | None, list[dict[str, Array]]]:
        """Return (dx, the gradients of each layer's parameters); dx is None unless asked for.

        Raises:
            ValueError: if ``dlogits`` has another shape than the logits.
        """
        cache, pooled = caches
        expect_shape("dlogits", dlogits, (cache.x_shape[0], self._dense.units))
        if cache.columns is None:
            dpooled, grads = self._fast[2].backward(dlogits, pooled)
            assert dpooled is not None  # it was asked for
            dlargest = empty(cache.largest.shape, dlogits.dtype)
            dlargest[:, dpooled.size // len(dlargest) :] = 0
            _by_image(dlargest, cache.x_shape)[...] = dpooled
        else:
            dlargest, grads = self._dense_backward(dlogits, cache)
        weights = self._convolution.parameters["weights"]
        dx, dweights = _backward(dlargest, cache, weights, input_gradient=input_gradient)
        return dx, [{"weights": dweights}, {}, grads]

    def _weights_by_channel(self) -> Array:
        """Return the dense layer's weights in the order of the columns, (C H' W', units)."""
        by_pixel = self._dense.parameters["weights"].reshape(*self.shapes[1], -1)
        return by_pixel.transpose(2, 0, 1, 3).reshape(-1, self._dense.units)

    def _dense_backward(self, dlogits: Array, cache: "_Cache") -> tuple[Array, dict[str, Array]]:
        """Return the gradients of ``largest`` (F, M) and of the dense layer's parameters."""
        columns, (rows, across, channels), units = cache.columns, self.shapes[1], self._dense.units
        assert columns is not None
        dweights = empty((len(columns), units), dlogits.dtype)
        np.matmul(*by_rows(columns, dlogits, dweights))
        by_pixel = empty((rows, across, channels, units), dlogits.dtype)
        by_pixel[...] = dweights.reshape(channels, rows, across, units).transpose(1, 2, 0, 3)
        grads = {"weights": by_pixel.reshape(-1, units), "bias": dlogits.sum(axis=0)}
        dcolumns = empty(columns.shape, dlogits.dtype)
        np.matmul(*by_rows(self._weights_by_channel(), np.ascontiguousarray(dlogits.T), dcolumns))
        return dcolumns.reshape(channels, -1), grads


class _Cache(NamedTuple):
    """What `_backward` needs of a forward pass; M is the number of blocks, at least N H' W'.

    windows: (16, M). outputs: (2, 2, F, M), by place; largest: (F, M), of the four.
    """

    windows: Array
    outputs: Array
    largest: Array
    x_shape: Shape

    @property
    def columns(self) -> Array | None:
        """``largest`` as (F H' W', N), for a dense layer; None if M is more than N H' W'."""
        n, height, width, _ = self.x_shape
        blocks = n * (height // 2 - 1) * (width // 2 - 1)
        return self.largest.reshape(-1, n) if self.largest.shape[1] == blocks else None


def _forward(x: Array, weights: Array) -> _Cache:
    """Convolve x (N, H, W, 1) with weights (3, 3, 1, F) and pool."""
    filters = weights.shape[3]
    placed = _placed(weights)
    windows = _windows(x)
    outputs = empty((2, 2, filters, windows.shape[1]), x.dtype)
    for rows, output in zip(_HALVES, outputs, strict=True):
        np.matmul(placed, _pieces(windows[rows], filters), out=_pieces(output, filters))
    largest = empty(outputs.shape[2:], x.dtype)
    np.maximum(outputs[0, 0], outputs[0, 1], out=largest)
    for output in outputs[1]:
        np.maximum(largest, output, out=largest)
    return _Cache(windows, outputs, largest, x.shape)


def _backward(
    dlargest: Array, cache: _Cache, weights: Array, *, input_gradient: bool
) -> tuple[Array | None, Array]:
    """Return (dx, dweights) of `_forward`, dx only if asked for; ``dlargest`` is (F, M)."""
    windows, outputs, largest, x_shape = cache
    filters = len(largest)
    with scratch():
        doutputs = empty(outputs.shape, dlargest.dtype)
        np.equal(outputs, largest, out=doutputs, casting="unsafe")  # 1 or 0
        doutputs *= dlargest
        dweights = np.zeros_like(weights)
        for rows, doutput in zip(_HALVES, doutputs, strict=True):
            pieces = _pieces(doutput, filters) @ _pieces(windows[rows], filters).transpose(0, 2, 1)
            dplaced = pieces.sum(axis=0).reshape(2, filters, 3, 4)
            for j in range(2):
                dweights[:, :, 0] += dplaced[j, :, :, j : j + 3].transpose(1, 2, 0)
        if not input_gradient:
            return None, dweights
        dwindows = np.zeros_like(windows)
        for rows, doutput in zip(_HALVES, doutputs, strict=True):
            dwindows[rows] += _placed(weights).T @ doutput.reshape(-1, windows.shape[1])
        return _added_up(dwindows, x_shape), dweights


def _by_image(values: Array, x_shape: Shape) -> Array:
    """Return values (F, M) as a view (N, H', W', F)."""
    n, height, width, _ = x_shape
    rows, columns = height // 2 - 1, width // 2 - 1
    kept = values[:, : rows * columns * n]
    return kept.reshape(-1, rows, columns, n).transpose(3, 1, 2, 0)


def _placed(weights: Array) -> Array:
    """Return each filter at the left and at the right of 3 x 4, zeros beside it: (2 F, 12)."""
    placed = np.zeros((2, weights.shape[3], 3, 4), weights.dtype)
    for j in range(2):
        placed[j, :, :, j : j + 3] = weights[:, :, 0].transpose(2, 0, 1)
    return placed.reshape(-1, 12)


def _windows(x: Array) -> Array:
    """Return the windows of 4 x 4 pixels, two pixels apart, of x (N, H, W, 1): (16, M)."""
    n, height, width, _ = x.shape
    rows, columns = height // 2 - 1, width // 2 - 1
    count = rows * columns * n
    windows = empty((16, count + -count % _VECTOR), x.dtype)
    with scratch():
        pixels = empty((height, width, n), x.dtype)
        pixels.reshape(-1, n)[...] = x.reshape(n, -1).T
        by_row, by_column, by_image = pixels.strides
        strides = by_row, by_column, 2 * by_row, 2 * by_column, by_image
        views: Array = np.ndarray((4, 4, rows, columns, n), x.dtype, pixels, strides=strides)
        windows[:, :count].reshape(views.shape)[...] = views
    windows[:, count:] = 0
    return windows


def _added_up(windows: Array, shape: Shape) -> Array:
    """Add up windows where they overlap: `_windows` the other way round, for x of ``shape``."""
    n, height, width, _ = shape
    rows, columns = height // 2 - 1, width // 2 - 1
    views = windows[:, : rows * columns * n].reshape(4, 4, rows, columns, n)
    x = np.zeros((height, width, n), windows.dtype)
    for i, j in np.ndindex(4, 4):
        x[i : i + 2 * rows : 2, j : j + 2 * columns : 2] += views[i, j]
    return np.ascontiguousarray(x.transpose(2, 0, 1)).reshape(shape)


def _pieces(values: Array, filters: int) -> Array:
    """Return values (..., M) as a view (pieces, K, columns); see `model.nn.fast.matmul` for why."""
    rows = values.reshape(-1, values.shape[-1])
    vectors = rows.shape[1] // _VECTOR
    columns = _VECTOR * piece_of(vectors, _VECTOR * 12 * 2 * filters)
    return rows.reshape(len(rows), -1, columns).transpose(1, 0, 2)
