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


@_in_numbers(0, 2, widest=0.14, loop_width=0.7, like_a_letter=True)
def zero_like_e(hand: Hand) -> list[Stroke]:
    """Begun inside, over the top and around, and from the foot on to the right, as a written e."""
    rx = hand.between(0.35, 0.65)
    return [
        hand.curve(
            (-rx * hand.between(0.2, 0.95), hand.between(0.0, 0.25)),
            (rx * 0.45, hand.between(-0.02, 0.15)),
            (rx * 0.85, -0.2),
            (rx * 0.1, -0.5),
            (-rx * 0.8, -0.2),
            (-rx * 0.75, 0.3),
            (0.0, 0.5),
            (rx * hand.between(0.8, 1.5), hand.between(0.3, 0.5)),
        )
    ]


@_in_numbers(0, 1.5, widest=0.15, loop_width=0.7)
def zero_swirled(hand: Hand) -> list[Stroke]:
    """Round and round, the end well inside the beginning."""
    radius = (hand.between(0.3, 0.5), 0.46)
    drift = -hand.between(0.3, 0.7)
    return [
        hand.ring((0, 0), radius, hand.between(-180, -30), -hand.between(400, 560), drift=drift)
    ]


@_in_numbers(0, 1.5, widest=0.18, loop_width=0.6, like_a_letter=True)
def zero_open_wide(hand: Hand) -> list[Stroke]:
    """Not closed by far, on whichever side."""
    radius, sweep = (hand.between(0.26, 0.5), 0.5), hand.between(260, 325)
    way = 1 if hand.chance(0.3) else -1
    return [hand.ring((0, 0), radius, hand.between(-180, 180), way * sweep)]


def _far(hand: Hand) -> Point:
    """Return where a long upstroke begins, the top of the stem being at (0, 0)."""
    length, angle = hand.between(0.45, 1.1), np.radians(hand.between(14, 45))
    return -length * float(np.sin(angle)), length * float(np.cos(angle))


@_in_numbers(1, 6, widest=0.17, leeway=0.7)
def one_far_flag(hand: Hand) -> list[Stroke]:
    """The upstroke as long as half of the stem and longer, which may lean over it."""
    foot = (hand.between(-0.2, 0.04), 1.0)
    up = hand.line(_far(hand), (0.0, 0.0))
    if hand.chance(0.7):
        return [join(up, hand.line((0.0, 0.0), foot))]
    bend = hand.between(0.7, 0.9)  # a hook at the foot, to the right
    x = foot[0] * bend
    hook = hand.curve((x, bend), (x + 0.04, 0.97), (x + hand.between(0.1, 0.3), 0.97))
    return [join(up, hand.line((0.0, 0.0), (x, bend)), hook)]


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


@_in_numbers(1, 3, widest=0.12, loop_width=0.2, leeway=0.85, like_a_letter=True)
def one_like_l(hand: Hand) -> list[Stroke]:
    """Up from the left, over a narrow loop at the top, and down across it, as a written l."""
    loop, crossing = hand.between(0.08, 0.26), hand.between(0.35, 0.65)
    begin = (-hand.between(0.1, 0.55), crossing + hand.between(0.1, 0.45))
    stem = [(loop * 0.45, 0.0), (0.0, 0.18), (-0.02, crossing)]
    foot = [(hand.between(-0.12, 0.04), 1.0)]
    if hand.chance(0.3):  # a hook at the foot, to the right
        foot = [(0.0, 0.88), (0.06, 0.98), (hand.between(0.14, 0.3), hand.between(0.86, 0.98))]
    return [hand.curve(begin, (0.0, crossing), (loop, 0.15), *stem, *foot)]


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


@_in_numbers(4, 3, widest=0.17, leeway=0.85, like_a_letter=True)
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


@_in_numbers(4, 2, widest=0.17, leeway=0.85, like_a_letter=True)
def four_with_a_low_stem(hand: Hand) -> list[Stroke]:
    """Like an L, and the right stroke no more than a short one through the end of its foot."""
    elbow = (hand.between(-0.05, 0.05), hand.between(0.55, 0.8))
    width = hand.between(0.45, 0.85)
    left = hand.line(
        (width * hand.between(0.15, 0.6), 0.0),
        elbow,
        (width, elbow[1] + hand.between(-0.1, 0.05)),
    )
    x = width * hand.between(0.6, 0.95)
    right = hand.line(
        (x, elbow[1] - hand.between(0.1, 0.32)),
        (x + hand.between(-0.12, 0.04), min(elbow[1] + hand.between(0.15, 0.4), 1.05)),
    )
    return [left, right]


@_in_numbers(5, 4, widest=0.18, leeway=0.8, like_a_letter=True)
def five_like_r(hand: Hand) -> list[Stroke]:
    """No bowl: down, up again, and the bar, like an r or the sign of a square root."""
    foot = (hand.between(0.12, 0.3), 1.0)
    shoulder = (foot[0] + hand.between(0.04, 0.2), hand.between(0.0, 0.25))
    bar = (shoulder[0] + hand.between(0.2, 0.8), shoulder[1] + hand.between(-0.14, 0.1))
    return [hand.line((hand.between(-0.08, 0.1), hand.between(0.1, 0.65)), foot, shoulder, bar)]


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


@_in_numbers(7, 3.5, widest=0.16, leeway=0.8, like_a_letter=True)
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


def _head_like_p(hand: Hand, x: float, start: float) -> list[Point]:
    """Return points around a head to the right of a stem at ``x``, clockwise from over it."""
    width, height = hand.between(0.22, 0.55), hand.between(0.36, 0.62)
    return [
        (x + width * 0.4, hand.between(-0.04, 0.02)),
        (x + width, start * 0.5 + height * 0.45),
        (x + width * 0.45, height),
        (x + hand.between(-0.12, 0.12), height * hand.between(0.75, 1.0)),
    ]


@_in_numbers(9, 4, widest=0.18, loop_width=0.5, leeway=0.85, like_a_letter=True)
def nine_like_p(hand: Hand) -> list[Stroke]:
    """The head to the right of the stem, as that of a P."""
    x, start = hand.between(0.0, 0.1), hand.between(0.02, 0.14)
    head = _head_like_p(hand, x, start)
    if hand.chance(0.35):  # in one stroke, up from the foot, which may begin at its right
        foot = hand.between(-0.12, 0.25)
        return [hand.curve((x + foot, 1.0), (x + max(foot, 0) * 0.1, 0.8), (x, start + 0.1), *head)]
    before = (x - hand.between(0.0, 0.2), start + hand.between(0.0, 0.12))
    return [
        hand.line((x, start), (x + hand.between(-0.12, 0.06), 1.0)),
        hand.curve(before, *head),
    ]


@_in_numbers(9, 1, widest=0.14, loop_width=0.5, leeway=0.8, like_a_letter=True)
def nine_like_r(hand: Hand) -> list[Stroke]:
    """As nine_like_p, but from the end of the head a leg goes down to the right."""
    x, start = hand.between(0.0, 0.1), hand.between(0.02, 0.14)
    before = (x - hand.between(0.0, 0.2), start + hand.between(0.0, 0.12))
    head = hand.curve(before, *_head_like_p(hand, x, start))
    leg = (x + hand.between(0.35, 0.65), hand.between(0.88, 1.04))
    return [
        hand.line((x, start), (x + hand.between(-0.14, 0.0), 1.0)),
        join(head, hand.line(tuple(head[-1]), leg)),
    ]


@_in_numbers(9, 2, widest=0.16, loop_width=0.6, leeway=0.75, like_a_letter=True)
def nine_like_a(hand: Hand) -> list[Stroke]:
    """A wide head, and from its right end a leg down to the right, as those of an a or a Q."""
    width, height = hand.between(0.55, 1.0), hand.between(0.5, 0.78)
    middle = (width / 2, height / 2)
    ring = hand.ring(middle, middle, hand.between(-60, 20), -hand.between(335, 380), drift=0.0)
    top = (width * hand.between(0.55, 1.02), height * hand.between(0.35, 0.95))
    foot = (width * hand.between(0.9, 1.35), hand.between(0.93, 1.03))
    if hand.chance(0.5):
        return [ring, hand.line(top, foot)]
    return [ring, hand.curve(top, (top[0] * 0.8 + foot[0] * 0.2, 0.85), foot)]


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
