"""How people write 0: the styles that training draws from."""

# ruff: noqa: D103 - the name of a style says what it is

import numpy as np

from model.drawn.digits.styles.hand import Hand, style
from model.drawn.strokes import Stroke, join


def _turn(hand: Hand, low: float, high: float) -> float:
    """Return a sweep of ``low`` to ``high`` degrees, mostly anticlockwise, as most people write."""
    return hand.between(low, high) * (1 if hand.chance(0.15) else -1)


@style(0, 4, widest=0.3, loop_width=0.6)
def zero_oval(hand: Hand) -> list[Stroke]:
    radius = (hand.between(0.24, 0.46), 0.5)
    return [hand.ring((0, 0), radius, hand.between(-140, -30), _turn(hand, 345, 395))]


@style(0, 1.5, widest=0.3, loop_width=0.6)
def zero_narrow(hand: Hand) -> list[Stroke]:
    radius = (hand.between(0.14, 0.25), 0.5)
    return [hand.ring((0, 0), radius, hand.between(-120, -60), _turn(hand, 345, 385))]


@style(0, 1.5, widest=0.26, loop_width=0.6)
def zero_open(hand: Hand) -> list[Stroke]:
    radius = (hand.between(0.26, 0.42), 0.5)
    sweep = _turn(hand, 320, 344)
    gap = 360 - abs(sweep)  # lies at the top, whichever way around
    start = -90 + np.sign(sweep) * gap / 2 + hand.between(-22, 22)
    return [hand.ring((0, 0), radius, start, sweep)]


@style(0, 1.5, widest=0.3, loop_width=0.6)
def zero_started_anywhere(hand: Hand) -> list[Stroke]:
    radius = (hand.between(0.24, 0.5), 0.5)
    return [hand.ring((0, 0), radius, hand.between(-180, 180), _turn(hand, 345, 400))]


@style(0, 1, widest=0.28, loop_width=0.6)
def zero_boxy(hand: Hand) -> list[Stroke]:
    radius = (hand.between(0.22, 0.4), 0.45)
    square = hand.between(0.15, 0.36) if hand.chance(0.7) else hand.between(-0.25, -0.1)
    start = hand.between(-130, -50)
    return [hand.ring((0, 0), radius, start, _turn(hand, 345, 380), square=square)]


@style(0, 1, widest=0.24, loop_width=0.6)
def zero_overlapping(hand: Hand) -> list[Stroke]:
    """Closed with more than a full turn, the end running inside or outside the beginning."""
    radius = (hand.between(0.27, 0.42), 0.47)
    drift = hand.between(0.06, 0.22) * (1 if hand.chance(0.5) else -1)
    start = hand.between(-130, -40)
    return [hand.ring((0, 0), radius, start, _turn(hand, 385, 430), drift=drift)]


@style(0, 1, widest=0.24, loop_width=0.6)
def zero_tailed(hand: Hand) -> list[Stroke]:
    """Leaves the closed oval at the top with a short stroke to the right, as a written o does."""
    rx = hand.between(0.25, 0.38)
    oval = hand.ring((0, 0), (rx, 0.5), hand.between(-75, -50), -360)
    tail = hand.curve(
        (rx * 0.75, -0.38), (rx + hand.between(0.02, 0.1), hand.between(-0.44, -0.36))
    )
    return [join(oval, tail)]


@style(0, 1.5, widest=0.15, loop_width=0.55)
def zero_slashed(hand: Hand) -> list[Stroke]:
    rx = hand.between(0.27, 0.44)
    oval = hand.ring((0, 0), (rx, 0.5), hand.between(-140, -30), _turn(hand, 348, 385))
    reach, steep = hand.between(0.75, 1.35), hand.between(0.6, 0.9)
    x, y = reach * rx * 0.75, reach * 0.45 * steep
    return [oval, hand.line((x, -y), (-x, y))]


@style(0, 0.4, widest=0.14, loop_width=0.55)
def zero_backslashed(hand: Hand) -> list[Stroke]:
    rx = hand.between(0.28, 0.42)
    oval = hand.ring((0, 0), (rx, 0.5), hand.between(-140, -30), _turn(hand, 348, 385))
    x, y = rx * hand.between(0.55, 0.75), hand.between(0.25, 0.36)
    return [oval, hand.line((-x, -y), (x, y))]


@style(0, 0.4, widest=0.14, loop_width=0.6)
def zero_dotted(hand: Hand) -> list[Stroke]:
    radius = (hand.between(0.3, 0.42), 0.5)
    oval = hand.ring((0, 0), radius, hand.between(-140, -30), _turn(hand, 350, 380))
    dot = hand.between(-0.04, 0.04)
    return [oval, hand.line((dot, -dot), (dot + 0.02, 0.03 - dot))]


@style(0, 0.7, widest=0.26, loop_width=0.6)
def zero_halves(hand: Hand) -> list[Stroke]:
    """A left and a right half, each from the top."""
    rx = hand.between(0.25, 0.42)
    left = hand.ring((0, 0), (rx, 0.5), hand.between(-90, -75), -hand.between(175, 200))
    right = hand.ring((0, 0), (rx, 0.5), hand.between(-105, -88), hand.between(175, 200))
    return [left, right]


@style(0, 0.7, widest=0.18, loop_width=0.6)
def zero_looped_top(hand: Hand) -> list[Stroke]:
    """The end makes a small loop at the top, as in a written o."""
    rx, loop = hand.between(0.28, 0.4), hand.between(0.07, 0.13)
    oval = hand.ring((0, 0), (rx, 0.5), -80, -hand.between(330, 350))
    x, y = float(oval[-1, 0]), float(oval[-1, 1])
    knot = hand.curve(
        (x, y),
        (x - loop, y - loop * 0.6),
        (x - loop * 1.6, y + loop * 0.5),
        (x - loop * 0.5, y + loop),
        (x + hand.between(0, 0.12), y + loop * hand.between(0, 0.7)),
    )
    return [join(oval, knot)]


@style(0, 1, widest=0.18, loop_width=0.6)
def zero_lead_in(hand: Hand) -> list[Stroke]:
    """A long stroke leads into the oval, from the left or from above."""
    radius = (hand.between(0.24, 0.42), hand.between(0.38, 0.46))
    oval = hand.ring((0, 0), radius, hand.between(-130, -60), _turn(hand, 345, 400))
    x, y = oval[0]
    before = (x - hand.between(0.15, 0.45), y - hand.between(-0.08, 0.2))
    return [join(hand.curve(before, (x, y)), oval)]
