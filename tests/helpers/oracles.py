"""The layers once more, with explicit loops: slow, obvious, and what the fast ones are held to.

They follow the definitions number by number and share no code with `model.nn`.
"""

import math

import numpy as np


def convolution(x, weights, bias=None, *, stride=1, padding=0):
    """(N, H, W, C) and (K, K, C, F) -> (N, H', W', F), one multiplication at a time."""
    n, height, width, channels = x.shape
    size, _, _, filters = weights.shape
    rows = (height + 2 * padding - size) // stride + 1
    columns = (width + 2 * padding - size) // stride + 1
    y = np.zeros((n, rows, columns, filters), x.dtype)
    for image, row, column, f in np.ndindex(*y.shape):
        total = 0.0 if bias is None else bias[f]
        for i, j, c in np.ndindex(size, size, channels):
            h, w = row * stride + i - padding, column * stride + j - padding
            if 0 <= h < height and 0 <= w < width:
                total += x[image, h, w, c] * weights[i, j, c, f]
        y[image, row, column, f] = total
    return y


def convolution_gradients(x, weights, dy, *, stride=1, padding=0):
    """Return (dx, dweights, dbias): each product of `convolution` sends dy to both its factors."""
    size, _, channels, _ = weights.shape
    dx, dweights = np.zeros_like(x), np.zeros_like(weights)
    dbias = np.zeros(weights.shape[3], x.dtype)
    for image, row, column, f in np.ndindex(*dy.shape):
        slope = dy[image, row, column, f]
        dbias[f] += slope
        for i, j, c in np.ndindex(size, size, channels):
            h, w = row * stride + i - padding, column * stride + j - padding
            if 0 <= h < x.shape[1] and 0 <= w < x.shape[2]:
                dx[image, h, w, c] += slope * weights[i, j, c, f]
                dweights[i, j, c, f] += slope * x[image, h, w, c]
    return dx, dweights, dbias


def max_pool(x, size=2):
    """(N, H, W, C) -> (N, H // size, W // size, C), block by block."""
    n, height, width, channels = x.shape
    y = np.zeros((n, height // size, width // size, channels), x.dtype)
    for image, row, column, c in np.ndindex(*y.shape):
        block = x[image, row * size : (row + 1) * size, column * size : (column + 1) * size, c]
        y[image, row, column, c] = max(block.ravel())
    return y


def max_pool_gradient(x, dy, size=2):
    """Every pixel of a block that equals its maximum gets the block's gradient."""
    y, dx = max_pool(x, size), np.zeros_like(x)
    for image, row, column, c in np.ndindex(*dy.shape):
        for i, j in np.ndindex(size, size):
            at = (image, row * size + i, column * size + j, c)
            if x[at] == y[image, row, column, c]:
                dx[at] = dy[image, row, column, c]
    return dx


def relu(x):
    """max(x, 0), one number at a time."""
    return np.array([value if value > 0 else 0.0 for value in x.ravel()]).reshape(x.shape)


def relu_gradient(x, dy):
    """What is above 0 passes the gradient on; 0 itself does not."""
    passed = [
        slope if value > 0 else 0.0 for value, slope in zip(x.ravel(), dy.ravel(), strict=True)
    ]
    return np.array(passed).reshape(x.shape)


def dense(x, weights, bias):
    """(N, D) and (D, units) -> (N, units), one multiplication at a time."""
    y = np.zeros((len(x), weights.shape[1]), x.dtype)
    for image, unit in np.ndindex(*y.shape):
        y[image, unit] = bias[unit] + sum(
            x[image, d] * weights[d, unit] for d in range(len(weights))
        )
    return y


def batch_norm(x, scale, shift, epsilon):
    """Each channel of x (..., C) to mean 0 and variance 1 over all else, then scaled, shifted."""
    y = np.zeros_like(x)
    for c in range(x.shape[-1]):
        values = [float(value) for value in x[..., c].ravel()]
        mean = sum(values) / len(values)
        variance = sum((value - mean) ** 2 for value in values) / len(values)
        y[..., c] = scale[c] * (x[..., c] - mean) / math.sqrt(variance + epsilon) + shift[c]
    return y


def softmax(row):
    """One row of logits -> probabilities."""
    exponentials = [math.exp(logit - max(row)) for logit in row]
    return [exponential / sum(exponentials) for exponential in exponentials]
