"""Reading what a network trained with `ctc` says: the likeliest texts, and their places."""

import math
from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Text = tuple[int, ...]

_NEVER = -1e30
_UNLIKELY = 1e-4  # of a column: a sign with less starts no text of its own


def likeliest_texts(
    log_p: Array, *, beam: int = 10, length: int | None = None
) -> list[tuple[Text, float]]:
    """Return the likeliest texts with the logarithms of their probabilities, likeliest first.

    Prefix beam search (Graves and Jaitly 2014, "Towards end-to-end speech recognition with
    recurrent neural networks"; Hannun et al. 2014): after each column the ``beam`` likeliest
    beginnings of texts are kept, each with the probability of its paths that end in a blank and of
    those that end in its last sign, since only behind a blank the same sign can follow again.

    Args:
        log_p: (T, K + 1), logarithms of probabilities, the blank last.
        beam: how many beginnings are kept.
        length: only texts of exactly so many signs; None for all. There may be none.
    """
    blank = log_p.shape[1] - 1
    probabilities = np.exp(np.asarray(log_p, np.float64)).tolist()
    likely = [[sign for sign in range(blank) if row[sign] > _UNLIKELY] for row in probabilities]
    # Of each beginning, the probabilities of the paths that end in a blank and in its last sign.
    # Powers of two taken out on the way keep the numbers in range.
    beginnings: dict[Text, list[float]] = {(): [1.0, 0.0]}
    shifted = 0
    for row, signs in zip(probabilities, likely, strict=True):
        if not signs:  # as in most columns: nothing becomes longer
            for text, paths in beginnings.items():
                paths[:] = [sum(paths) * row[blank], paths[1] * row[text[-1]] if text else 0.0]
            continue
        longer: defaultdict[Text, list[float]] = defaultdict(lambda: [0.0, 0.0])
        of_blank = row[blank]
        for text, (in_blank, in_sign) in beginnings.items():
            both = in_blank + in_sign
            stays = longer[text]
            stays[0] += both * of_blank
            if text:
                stays[1] += in_sign * row[text[-1]]
            if length is not None and len(text) == length:
                continue
            for sign in signs:
                goes_on = longer[(*text, sign)]
                goes_on[1] += row[sign] * (in_blank if text and text[-1] == sign else both)
        ranked = sorted(longer.items(), key=lambda item: item[1][0] + item[1][1], reverse=True)
        beginnings = dict(ranked[:beam])
        best = sum(ranked[0][1])
        if best < 2.0**-100:
            beginnings = {text: [a * 2.0**100, b * 2.0**100] for text, (a, b) in beginnings.items()}
            shifted += 1
    return [
        (text, math.log(sum(both)) - shifted * 100 * math.log(2))
        for text, both in beginnings.items()
        if sum(both) > 0 and (length is None or len(text) == length)
    ]


def places(log_p: Array, text: Text) -> list[tuple[int, int]]:
    """Return the columns of each sign, first and last, on the likeliest path that says the text.

    Raises:
        ValueError: if no path does.
    """
    columns, blank = log_p.shape[0], log_p.shape[1] - 1
    signs = [blank, *(other for sign in text for other in (sign, blank))]
    leaps = [k > 1 and signs[k] != signs[k - 2] for k in range(len(signs))]
    emitted = log_p[:, signs].tolist()
    score = [*emitted[0][:2], *[_NEVER] * (len(signs) - 2)]
    came = []  # in each column, by how many states, 0 to 2
    # Lists: for so few states they take a third of the time of arrays.
    for row in emitted[1:]:
        best, by = [], []
        for k, log_sign in enumerate(row):
            way, states = score[k], 0
            if k > 0 and score[k - 1] > way:
                way, states = score[k - 1], 1
            if leaps[k] and score[k - 2] > way:
                way, states = score[k - 2], 2
            best.append(way + log_sign)
            by.append(states)
        score = best
        came.append(by)
    state = len(signs) - 1
    if len(signs) > 1 and score[-2] > score[-1]:
        state -= 1
    if score[state] <= _NEVER / 2:
        raise ValueError(f"{columns} columns are too few for the text {text}")
    found: list[list[int]] = [[] for _ in text]
    for t in range(columns - 1, -1, -1):
        if state % 2:
            found[state // 2].append(t)
        state -= came[t - 1][state] if t else 0
    return [(visited[-1], visited[0]) for visited in found]


def best_of_length(log_p: Array, length: int) -> Text:
    """Return what the likeliest path of log_p (T, K + 1) says of all that say ``length`` signs.

    Raises:
        ValueError: if there are fewer columns than signs.
    """
    columns, outputs = log_p.shape
    if columns < length:
        raise ValueError(f"{columns} columns are too few for {length} signs")
    blank = outputs - 1
    # score[n, k]: the best path so far that has said n signs and stands in output k.
    score = np.full((length + 1, outputs), -np.inf)
    score[0, blank] = 0.0
    came = np.zeros((columns, length + 1, outputs), np.intp)  # n * outputs + k of the step before
    ids = np.arange((length + 1) * outputs).reshape(length + 1, outputs)
    for t in range(columns):
        new = np.full_like(score, -np.inf)
        # Into the blank, from anywhere of the same n.
        best = score.argmax(axis=1)
        new[:, blank] = score.max(axis=1)
        came[t, :, blank] = ids[np.arange(length + 1), best]
        # Staying in a sign, or starting one: from another output of one sign fewer.
        new[:, :blank] = score[:, :blank]
        came[t, :, :blank] = ids[:, :blank]
        for sign in range(blank):
            others = score[:-1].copy()
            others[:, sign] = -np.inf
            start, value = others.argmax(axis=1), others.max(axis=1)
            better = value > new[1:, sign]
            new[1:, sign] = np.where(better, value, new[1:, sign])
            came[t, 1:, sign] = np.where(better, ids[np.arange(length), start], came[t, 1:, sign])
        score = new + log_p[t]
    state = int(ids[length, score[length].argmax()])
    said: list[int] = []
    for t in range(columns - 1, -1, -1):
        before = int(came[t].reshape(-1)[state])
        if state // outputs > before // outputs:
            said.append(state % outputs)
        state = before
    return tuple(said[::-1])
