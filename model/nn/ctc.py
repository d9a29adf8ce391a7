"""Connectionist temporal classification: learning to read a line whose signs have no places.

Graves, Fernandez, Gomez and Schmidhuber 2006, "Connectionist temporal classification: labelling
unsegmented sequence data with recurrent neural networks"; numbers in brackets are its equations.

The network looks at T columns of a picture and gives for each one a distribution over the signs
and a *blank*, which means "no new sign here". A *path* chooses one output per column; what it says
is found by merging equal neighbours and then leaving out blanks (- is blank):

    1 1 - 1 7 7 - -    says    1 1 7

The probability of a text is the sum over all the paths that say it (3). There are exponentially
many, but they all walk through the same row of states: the text's signs with a blank before,
between and behind them, S = 2 L + 1 states for L signs. In a step a path stays, or goes on by one
state, or by two where that leaves out a blank between two different signs. So with

    a[t, s] = log of the probability of all beginnings of paths that are in state s at column t
    b[t, s] = log of the probability of all ends of paths that are in state s at column t

the first is one recursion over the columns (6):

    a[t, s] = log p[t, sign of s] + log(exp a[t-1, s] + exp a[t-1, s-1] (+ exp a[t-1, s-2]))

and the second is the same one for the columns and the text read backwards (10). Both count column
t; all paths through state s at column t have together a + b - log p[t, sign of s], and summed over
the states of any one column that is the log probability of the text (14).

The loss is -log P(text). Differentiating the sum over paths by p[t, k] leaves the paths that are
in a state of sign k at column t, and through the softmax all of it becomes (16)

    dloss / dlogits[t, k] = p[t, k] - (share of P(text) whose paths have sign k at column t)

which is softmax minus target, as in cross-entropy: the target of a column is what the paths that
say the right text put there.

Everything is in logarithms, since products of T probabilities leave the range of numbers at once.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.nn.losses import log_softmax

Array = NDArray[Any]

NO_SIGN = -1
"""What fills the rows of ``texts`` behind their ends."""

_NEVER = -1e30  # the logarithm of 0; minus infinity would make NaN of differences


def ctc_loss(logits: Array, texts: NDArray[np.integer[Any]]) -> tuple[Array, Array]:
    """Return -log P(text) of each picture and the gradient of their sum by the logits.

    Args:
        logits: (N, T, K + 1), for each of T columns K signs and, last, the blank.
        texts: (N, L), each row a text's signs, 0..K-1, then `NO_SIGN` to its end. A text may be
            empty.

    Returns:
        The losses (N,), and the gradient, of the shape of ``logits``; both in their dtype.

    Raises:
        ValueError: if the shapes do not fit, there is no such sign, or a text has no path: T is
            below the number of its signs and of the equal neighbours among them, between which a
            path needs a blank.
    """
    _check(logits, texts)
    log_p = log_softmax(logits)
    signs = _states(texts, logits.shape[2] - 1)
    count = 2 * (texts != NO_SIGN).sum(axis=1) + 1
    emitted = _emitted(log_p, signs, count)
    a = _prefixes(emitted, signs, np.zeros_like(count))
    b = _prefixes(emitted[:, ::-1, ::-1], signs[:, ::-1], signs.shape[1] - count)[:, ::-1, ::-1]
    paths = a + b - emitted
    log_text = _log_sum(paths[:, 0])
    share = np.exp(paths - log_text[:, np.newaxis, np.newaxis])
    # Adds up the states of each sign: (N, T, S) by (N, S, K + 1).
    of_sign = (signs[:, :, np.newaxis] == np.arange(logits.shape[2])).astype(log_p.dtype)
    gradient = np.exp(log_p) - share @ of_sign
    return -log_text, gradient


def text_log_probabilities(log_p: Array, texts: NDArray[np.integer[Any]]) -> Array:
    """Return log P(text), (N,), of each of N texts (N, L) in one picture's columns (T, K + 1).

    ``log_p`` are logarithms of probabilities. A text without a path has -1e30 or less.
    """
    blank = log_p.shape[1] - 1
    signs = _states(texts, blank)
    count = 2 * (texts != NO_SIGN).sum(axis=1) + 1
    repeated = np.broadcast_to(log_p, (len(texts), *log_p.shape))
    a = _prefixes(_emitted(repeated, signs, count), signs, np.zeros_like(count))[:, -1]
    rows = np.arange(len(texts))
    last, sign = a[rows, count - 1], a[rows, np.maximum(count - 2, 0)]
    return np.asarray(np.where(count > 1, np.logaddexp(last, sign), last))


def _check(logits: Array, texts: NDArray[np.integer[Any]]) -> None:
    if logits.ndim != 3 or texts.ndim != 2 or len(logits) != len(texts):
        raise ValueError(
            f"logits (N, T, K + 1) and texts (N, L) do not fit: {logits.shape} and {texts.shape}"
        )
    _, columns, outputs = logits.shape
    is_sign = texts != NO_SIGN
    if texts.size and (texts.max() >= outputs - 1 or texts.min() < NO_SIGN):
        raise ValueError(f"signs are 0 to {outputs - 2}, or {NO_SIGN} behind a text's end")
    if (is_sign[:, 1:] & ~is_sign[:, :-1]).any():
        raise ValueError(f"a text goes on behind {NO_SIGN}")
    needed = is_sign.sum(axis=1) + ((texts[:, 1:] == texts[:, :-1]) & is_sign[:, 1:]).sum(axis=1)
    if needed.size and needed.max() > columns:
        raise ValueError(f"a text needs {needed.max()} columns, and there are {columns}")


def _states(texts: Array, blank: int) -> Array:
    """Return the sign of each state, (N, 2 L + 1): blanks around and between the text's signs."""
    signs = np.full((len(texts), 2 * texts.shape[1] + 1), blank)
    signs[:, 1::2] = np.where(texts == NO_SIGN, blank, texts)
    return signs


def _emitted(log_p: Array, signs: Array, count: Array) -> Array:
    """Return the log probability of each state's sign in each column, (N, T, S).

    Of states behind the ``count`` (N,) of a text's own, nothing is ever emitted.
    """
    index = np.broadcast_to(signs[:, np.newaxis], (*log_p.shape[:2], signs.shape[1]))
    emitted = np.take_along_axis(log_p, index, axis=2)
    beyond = np.arange(signs.shape[1]) >= count[:, np.newaxis]
    emitted[np.broadcast_to(beyond[:, np.newaxis], emitted.shape)] = _NEVER
    return emitted


def _prefixes(emitted: Array, signs: Array, first: Array) -> Array:
    """Return a of the module's docstring, (N, T, S); paths begin in state ``first`` or the next."""
    n, columns, states = emitted.shape
    # Going on by two states leaves out a blank, between signs that differ.
    leaps = np.zeros((n, states), bool)
    leaps[:, 2:] = signs[:, 2:] != signs[:, :-2]
    no_leap = np.where(leaps, 0, _NEVER).astype(emitted.dtype)
    a = np.empty((columns, n, states), emitted.dtype)
    ahead = np.arange(states) - first[:, np.newaxis]
    begins = (ahead == 0) | (ahead == 1)
    a[0] = np.where(begins, emitted[:, 0], _NEVER)
    ways = np.full((3, n, states), _NEVER, emitted.dtype)
    for t in range(1, columns):
        ways[0] = a[t - 1]
        ways[1, :, 1:] = a[t - 1, :, :-1]
        ways[2, :, 2:] = a[t - 1, :, :-2]
        ways[2] += no_leap
        likeliest = ways.max(axis=0)
        np.exp(ways - likeliest).sum(axis=0, out=a[t])
        np.log(a[t], out=a[t])
        a[t] += likeliest
        a[t] += emitted[:, t]
    return a.swapaxes(0, 1)


def _log_sum(values: Array) -> Array:
    """Return log(sum(exp(values))) along the last axis."""
    likeliest = values.max(axis=-1, keepdims=True)
    total = np.log(np.exp(values - likeliest).sum(axis=-1, keepdims=True)) + likeliest
    return np.asarray(total[..., 0])
