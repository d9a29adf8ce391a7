"""How people write 1: the styles that training draws from."""

# ruff: noqa: D103 - the name of a style says what it is

import numpy as np

from model.drawn.digits.styles.hand import Hand, Point, style
from model.drawn.strokes import Stroke, join


def _flag(hand: Hand, low: float, high: float, least: float, most: float) -> Point:
    """Return where a flag starts that is ``low`` to ``high`` long.

    It leans ``least`` to ``most`` degrees away from the stem, whose top is at (0, 0).
    """
    length, angle = hand.between(low, high), np.radians(hand.between(least, most))
    return -length * float(np.sin(angle)), length * float(np.cos(angle))


@style(1, 4, widest=0.34)
def one_bar(hand: Hand) -> list[Stroke]:
    return [hand.line((0, 0), (0, 1))]


@style(1, 4, widest=0.26, leeway=0.6)
def one_short_flag(hand: Hand) -> list[Stroke]:
    return [hand.line(_flag(hand, 0.14, 0.34, 28, 55), (0, 0), (0, 1))]


@style(1, 4, widest=0.19, leeway=0.35)
def one_long_flag(hand: Hand) -> list[Stroke]:
    return [hand.line(_flag(hand, 0.34, 0.6, 26, 44), (0, 0), (0, 1))]


@style(1, 2, widest=0.2, leeway=0.5)
def one_french(hand: Hand) -> list[Stroke]:
    """The upstroke almost as long as the stem."""
    return [hand.line(_flag(hand, 0.6, 0.85, 24, 38), (0, 0), (0, 1))]


@style(1, 2, widest=0.22, leeway=0.45)
def one_curved_flag(hand: Hand) -> list[Stroke]:
    x, y = _flag(hand, 0.25, 0.55, 28, 46)
    bow = hand.between(-0.25, 0.25)
    flag = hand.curve((x, y), (x / 2 + bow * y / 2, y / 2 - bow * x / 2), (0, 0))
    return [join(flag, hand.line((0, 0), (0, 1)))]


@style(1, 1, widest=0.24, leeway=0.5)
def one_serif(hand: Hand) -> list[Stroke]:
    """A very short, almost level stroke at the top, as printed."""
    return [hand.line(_flag(hand, 0.1, 0.17, 60, 85), (0, 0), (0, 1))]


@style(1, 3, widest=0.17, leeway=0.6)
def one_flag_and_foot(hand: Hand) -> list[Stroke]:
    left, right = hand.between(0.12, 0.32), hand.between(0.12, 0.32)
    foot = hand.line((-left, 1 + hand.between(-0.02, 0.04)), (right, 1 + hand.between(-0.05, 0.03)))
    flag = _flag(hand, 0.2, 0.5, 30, 55)
    return [hand.line(flag, (0, 0), (0, hand.between(0.95, 1.02))), foot]


@style(1, 1, widest=0.24, leeway=0.6)
def one_foot(hand: Hand) -> list[Stroke]:
    left, right = hand.between(0.15, 0.3), hand.between(0.15, 0.3)
    return [hand.line((0, 0), (0, 1)), hand.line((-left, 1), (right, 1))]


def _stem_with_hook(hand: Hand, right: float, up: float) -> Stroke:
    bend = hand.between(0.72, 0.88)
    straight = hand.line((0, 0), (0, bend))
    return join(straight, hand.curve((0, bend), (right * 0.25, 0.97), (right, 1 - up)))


@style(1, 2, widest=0.16)
def one_hooked_foot(hand: Hand) -> list[Stroke]:
    return [_stem_with_hook(hand, hand.between(0.1, 0.26), hand.between(-0.02, 0.12))]


@style(1, 2.5, widest=0.15, leeway=0.5)
def one_flag_and_hooked_foot(hand: Hand) -> list[Stroke]:
    stem = _stem_with_hook(hand, hand.between(0.08, 0.25), hand.between(-0.02, 0.12))
    return [join(hand.line(_flag(hand, 0.15, 0.5, 28, 55), (0, 0)), stem)]


@style(1, 0.7, widest=0.22, leeway=0.6)
def one_foot_to_the_left(hand: Hand) -> list[Stroke]:
    stem = _stem_with_hook(hand, -hand.between(0.08, 0.2), hand.between(-0.02, 0.04))
    return [join(hand.line(_flag(hand, 0.15, 0.4, 30, 50), (0, 0)), stem)]


@style(1, 0.5, widest=0.2, leeway=0.6)
def one_both_serifs(hand: Hand) -> list[Stroke]:
    top, foot = hand.between(0.1, 0.17), hand.between(0.15, 0.3)
    return [
        hand.line((0, 0), (0, 1)),
        hand.line((-top, 0.02), (top * hand.between(0.1, 0.7), 0)),
        hand.line((-foot, 1), (foot, 1)),
    ]


@style(1, 1, widest=0.28)
def one_wavy(hand: Hand) -> list[Stroke]:
    sway = hand.between(-0.05, 0.05)
    return [hand.curve((0, 0), (sway, 0.3), (-sway * 0.6, 0.7), (hand.between(-0.04, 0.04), 1))]


@style(1, 1, widest=0.22, leeway=0.45)
def one_detached_flag(hand: Hand) -> list[Stroke]:
    x, y = _flag(hand, 0.22, 0.5, 28, 45)
    gap = hand.between(-0.04, 0.06)
    return [hand.line((0, 0), (0, 1)), hand.line((x - gap, y), (-gap, hand.between(-0.02, 0.06)))]


@style(1, 0.8, widest=0.2, leeway=0.6)
def one_round_top(hand: Hand) -> list[Stroke]:
    """Fast: the upstroke turns into the stem without a corner."""
    x, y = _flag(hand, 0.25, 0.45, 25, 40)
    return [hand.curve((x, y), (x * 0.3, y * 0.22), (0.0, 0.0), (0.03, 0.12), (0.02, 0.5), (0, 1))]


@style(1, 1, widest=0.13, leeway=0.5)
def one_wide_foot(hand: Hand) -> list[Stroke]:
    """A flag, and a foot that is wider than the flag and longer at the right."""
    flag = _flag(hand, 0.2, 0.45, 30, 55)
    left, right = hand.between(0.1, 0.3), hand.between(0.25, 0.5)
    foot = hand.line((-left, 1 + hand.between(-0.02, 0.05)), (right, 1 + hand.between(-0.08, 0.03)))
    return [hand.line(flag, (0, 0), (hand.between(-0.06, 0.02), 1)), foot]


@style(1, 1, widest=0.15, leeway=0.3)
def one_lambda(hand: Hand) -> list[Stroke]:
    """The upstroke begins beside the foot, as that of an A without its bar."""
    return [hand.line(_flag(hand, 0.8, 1.08, 20, 36), (0, 0), (0, 1))]


@style(1, 1, widest=0.22)
def one_leaning(hand: Hand) -> list[Stroke]:
    """Leans far to the right."""
    lean = np.radians(hand.between(22, 58))
    return [hand.line((0.0, 0.0), (-float(np.sin(lean)), float(np.cos(lean))))]


@style(1, 1, widest=0.13, leeway=0.5)
def one_upstroke_at_the_foot(hand: Hand) -> list[Stroke]:
    """The pen goes up again from the foot, as if on its way to the next digit."""
    stem = _stem_with_hook(hand, hand.between(0.12, 0.3), hand.between(0.12, 0.34))
    if hand.chance(0.5):
        return [stem]
    return [join(hand.line(_flag(hand, 0.15, 0.45, 28, 55), (0, 0)), stem)]
