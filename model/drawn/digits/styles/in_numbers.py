"""Digits in ways that are common in amounts written fast, and seldom drawn alone.

The network for numbers learns them all, that for single digits only as cut out of paper, and
without those that are digits only among others: alone each of these may be a letter or a sign.
"""

from functools import partial

import numpy as np

from model.drawn.digits.styles.hand import Hand, Point, Where, style
from model.drawn.strokes import Stroke, join

_in_numbers = partial(style, where=Where.IN_NUMBERS)


@_in_numbers(0, 4, widest=0.2, loop_width=0.6)
def zero_linked(hand: Hand) -> list[Stroke]:
    """Closed at the top, and from there on to the right, to the zero that follows."""
    rx = hand.between(0.3, 0.5)
    ring = hand.ring((0, 0), (rx, 0.5), hand.between(-85, -35), -hand.between(335, 375))
    x, y = float(ring[-1, 0]), float(ring[-1, 1])
    sag = hand.between(-0.05, 0.16)
    link = hand.curve(
        (x, y),
        (rx + hand.between(0.0, 0.15), y + sag),
        (rx + hand.between(0.2, 0.6), y + sag + hand.between(-0.15, 0.08)),
    )
    return [join(ring, link)]


@_in_numbers(0, 2.5, widest=0.16, loop_width=0.6)
def zero_linked_by_a_loop(hand: Hand) -> list[Stroke]:
    """A small loop at the top before the way to the right, as of a written o."""
    rx, loop = hand.between(0.3, 0.48), hand.between(0.1, 0.2)
    ring = hand.ring((0, 0), (rx, 0.5), hand.between(-80, -50), -hand.between(335, 360))
    x, y = float(ring[-1, 0]), float(ring[-1, 1])
    link = hand.curve(
        (x, y),
        (x - loop * 1.2, y + loop * 0.2),
        (x - loop, y + loop * 1.2),
        (x + loop * 0.2, y + loop),
        (rx + hand.between(0.05, 0.5), y + hand.between(-0.1, 0.15)),
    )
    return [join(ring, link)]


def _far(hand: Hand) -> Point:
    """Return where a long upstroke begins, the top of the stem being at (0, 0)."""
    length, angle = hand.between(0.45, 0.95), np.radians(hand.between(20, 45))
    return -length * float(np.sin(angle)), length * float(np.cos(angle))


@_in_numbers(1, 6, widest=0.17, leeway=0.7)
def one_far_flag(hand: Hand) -> list[Stroke]:
    """The upstroke as long as half of the stem and longer, which may lean over it."""
    return [hand.line(_far(hand), (0.0, 0.0), (hand.between(-0.2, 0.04), 1.0))]


@_in_numbers(1, 2, widest=0.17, leeway=0.7)
def one_far_curved_flag(hand: Hand) -> list[Stroke]:
    """As one_far_flag, but the upstroke is bent, or turns into the stem without a corner."""
    x, y = _far(hand)
    bow = hand.between(-0.15, 0.2)
    foot = (hand.between(-0.2, 0.04), 1.0)
    middle = (x * (0.5 - bow), y * (0.5 + bow))
    if hand.chance(0.5):
        return [hand.curve((x, y), middle, (0.0, 0.0), (foot[0] * 0.5 + 0.02, 0.5), foot)]
    return [join(hand.curve((x, y), middle, (0.0, 0.0)), hand.line((0.0, 0.0), foot))]


@_in_numbers(2, 3, widest=0.16, loop_width=0.5, leeway=0.9)
def two_like_q(hand: Hand) -> list[Stroke]:
    """The head a closed ring, from which the pen goes down to the base, as that of a Q."""
    width, head = hand.between(0.5, 0.8), hand.between(0.42, 0.62)
    neck = (width * hand.between(0.45, 0.7), head + hand.between(0.08, 0.2))
    loop = hand.between(0.0, 0.12)
    return [
        hand.curve(
            (width * hand.between(0.4, 0.75), head * hand.between(0.85, 1.15)),
            (width * 0.12, head * 0.85),
            (width * hand.between(0.0, 0.08), head * 0.4),
            (width * 0.45, 0.0),
            (width * 0.95, head * 0.4),
            neck,
            (loop, 0.97),
            (-loop * 0.5, 1 - loop * 0.7),
            (loop, 1 - loop),
            (width * 0.6, 1.0 - loop * 0.2),
            (width * hand.between(0.95, 1.4), hand.between(0.85, 1.05)),
        )
    ]


@_in_numbers(4, 2.5, widest=0.17, leeway=0.85, like_a_letter=True)
def four_like_h(hand: Hand) -> list[Stroke]:
    """The left stroke higher than the right one, which goes on below the line between them."""
    width = hand.between(0.35, 0.7)
    elbow = (hand.between(-0.1, 0.05), hand.between(0.5, 0.7))
    left = (hand.between(0.05, 0.25), 0.0)
    start = hand.between(0.28, 0.5)
    right = (width + hand.between(-0.05, 0.08), start)
    foot = (width + hand.between(-0.2, 0.03), 1.0)
    if hand.chance(0.5):  # in one stroke, up again from the elbow
        arch = hand.curve(elbow, (width * 0.6, start + 0.05), right)
        return [join(hand.line(left, elbow), arch, hand.line(right, foot))]
    end = (width + hand.between(0.0, 0.2), elbow[1] + hand.between(-0.12, 0.03))
    return [hand.line(left, elbow, end), hand.line(right, foot)]


@_in_numbers(5, 2, widest=0.18, leeway=0.8, like_a_letter=True)
def five_like_r(hand: Hand) -> list[Stroke]:
    """No bowl: down, up again, and the bar, like an r or the sign of a square root."""
    foot = (hand.between(0.12, 0.3), 1.0)
    shoulder = (foot[0] + hand.between(0.04, 0.2), hand.between(0.0, 0.25))
    bar = (shoulder[0] + hand.between(0.25, 0.6), shoulder[1] + hand.between(-0.12, 0.08))
    return [hand.line((hand.between(-0.05, 0.1), hand.between(0.1, 0.45)), foot, shoulder, bar)]


@_in_numbers(5, 1.5, widest=0.15, loop_width=0.6, leeway=0.6, like_a_letter=True)
def five_wide_s(hand: Hand) -> list[Stroke]:
    """Lower than wide, like a drawn out S."""
    width = hand.between(0.85, 1.3)
    return [
        hand.curve(
            (width * hand.between(0.85, 1.1), hand.between(-0.03, 0.08)),
            (width * 0.4, 0.0),
            (width * 0.12, 0.28),
            (width * 0.45, 0.46),
            (width * 0.85, 0.62),
            (width * hand.between(0.6, 0.8), 0.96),
            (width * hand.between(-0.05, 0.2), hand.between(0.9, 1.0)),
        )
    ]


@_in_numbers(7, 1.5, widest=0.16, leeway=0.8, like_a_letter=True)
def seven_crossed_without_top(hand: Hand) -> list[Stroke]:
    """Hardly a bar at the top, and a long one across the middle, like a t."""
    top = (hand.between(0.3, 0.45), 0.0)
    before = (top[0] - hand.between(0.0, 0.2), hand.between(-0.02, 0.12))
    foot = (hand.between(-0.05, 0.2), 1.0)
    height, reach = hand.between(0.38, 0.58), hand.between(0.2, 0.36)
    middle = (top[0] + foot[0]) / 2
    across = hand.line(
        (middle - reach, height + hand.between(-0.04, 0.1)),
        (middle + reach, height + hand.between(-0.1, 0.04)),
    )
    return [hand.line(before, top, foot), across]


@_in_numbers(8, 2, widest=0.16, loop_width=0.5, leeway=0.85, like_a_letter=True)
def eight_like_e(hand: Hand) -> list[Stroke]:
    """Begun at the waist: around the head first, then around the belly, which may stay open."""
    width, waist = hand.between(0.45, 0.75), hand.between(0.42, 0.58)
    closing = [(width * 0.85, waist + 0.08), (width * hand.between(0.2, 0.5), waist)]
    return [
        hand.curve(
            (width * hand.between(0.1, 0.35), waist + hand.between(-0.05, 0.08)),
            (width * 0.75, waist * 0.75),
            (width * 0.7, 0.06),
            (width * 0.35, 0.04),
            (width * 0.15, waist * 0.6),
            (width * hand.between(0.0, 0.2), 0.78),
            (width * 0.45, 1.0),
            (width * hand.between(0.85, 1.05), hand.between(0.72, 0.85)),
            *(closing if hand.chance(0.75) else closing[:1]),
        )
    ]


@_in_numbers(9, 2.0, widest=0.18, loop_width=0.5, leeway=0.85, like_a_letter=True)
def nine_like_p(hand: Hand) -> list[Stroke]:
    """The head to the right of the stem, as that of a P."""
    width, height = hand.between(0.35, 0.55), hand.between(0.4, 0.58)
    x, start = hand.between(0.0, 0.1), hand.between(0.02, 0.12)
    head = hand.curve(
        (x - hand.between(0.0, 0.2), start + hand.between(0.0, 0.12)),
        (x + width * 0.4, hand.between(-0.04, 0.02)),
        (x + width, height * 0.45),
        (x + width * 0.45, height),
        (x + hand.between(-0.12, 0.05), height * hand.between(0.8, 1.0)),
    )
    return [hand.line((x, start), (x + hand.between(-0.12, 0.06), 1.0)), head]


@_in_numbers(9, 2.5, widest=0.16, loop_width=0.5, leeway=0.85)
def nine_clockwise(hand: Hand) -> list[Stroke]:
    """Begun at the lower left of the head, over its top to the right, and back into the stem."""
    width, height = hand.between(0.42, 0.62), hand.between(0.42, 0.56)
    begin = hand.curve(
        (width * hand.between(0.3, 0.75), height * hand.between(0.75, 1.05)),
        (width * hand.between(0.08, 0.25), height * hand.between(0.75, 1.0)),
        (0.0, height * 0.5),
        (width * 0.45, 0.0),
        (width, height * 0.4),
        (width * hand.between(0.7, 0.95), height * 0.85),
    )
    foot = (width * hand.between(0.3, 0.9), 1.0)
    if hand.chance(0.4):  # a tail that swings out
        tail = hand.curve(
            tuple(begin[-1]),
            (width * hand.between(0.6, 0.75), height + 0.1),
            (width * hand.between(0.6, 0.85), hand.between(0.7, 0.8)),
            foot,
        )
    else:
        tail = hand.line(tuple(begin[-1]), foot)
    return [join(begin, tail)]


@_in_numbers(9, 2, widest=0.16, loop_width=0.5, leeway=0.85)
def nine_like_g(hand: Hand) -> list[Stroke]:
    """The tail comes round to the left, up to the head or through it."""
    width, head = hand.between(0.42, 0.62), hand.between(0.36, 0.52)
    x = width * hand.between(0.9, 1.05)
    ring = hand.curve(
        (x, head * 0.3),
        (width * 0.45, 0.0),
        (0.0, head * 0.55),
        (width * 0.4, head),
        (x, head * hand.between(0.35, 0.6)),
    )
    tail = hand.curve(
        tuple(ring[-1]),
        (x + hand.between(-0.05, 0.05), 0.8),
        (width * 0.5, 1.0),
        (width * hand.between(-0.15, 0.15), hand.between(0.72, 0.95)),
    )
    return [join(ring, tail)]
