"""Styles that training never draws: how well they are read tells how a network generalises.

Each is akin to styles of training, and built in another way.
"""

# ruff: noqa: D103 - the name of a style says what it is

import numpy as np

from model.drawn.digits.styles.hand import Hand, Where, style
from model.drawn.strokes import Stroke, affine, arc, join, rotation


@style(0, widest=0.24, loop_width=0.6, where=Where.HELD_OUT)
def zero_crossed_top(hand: Hand) -> list[Stroke]:
    """Beginning and end cross at the top."""
    width = hand.between(0.5, 0.75)
    return [
        hand.curve(
            (width * hand.between(0.62, 0.8), -hand.between(0.0, 0.06)),
            (width * 0.3, 0.06),
            (0, 0.45),
            (width * 0.25, 0.94),
            (width * 0.7, 0.95),
            (width, 0.5),
            (width * 0.8, 0.12),
            (width * hand.between(0.3, 0.5), -hand.between(0.0, 0.05)),
        )
    ]


@style(1, widest=0.15, leeway=0.5, where=Where.HELD_OUT)
def one_sharp_hook(hand: Hand) -> list[Stroke]:
    """The foot turns up sharply to the right."""
    points = [(0.0, 0.0), (0.0, 1.0), (hand.between(0.12, 0.26), hand.between(0.82, 0.94))]
    if hand.chance(0.6):
        points.insert(0, (-hand.between(0.12, 0.3), hand.between(0.16, 0.4)))
    return [hand.line(*points)]


@style(1, widest=0.15, leeway=0.5, where=Where.HELD_OUT)
def one_flag_foot_in_one_stroke(hand: Hand) -> list[Stroke]:
    """The pen stays down from the stem to the foot."""
    flag = (-hand.between(0.14, 0.32), hand.between(0.2, 0.45))
    left, right = hand.between(0.12, 0.28), hand.between(0.15, 0.3)
    return [hand.line(flag, (0, 0), (0, 1), (-left, 0.99), (right, 1.0))]


@style(2, widest=0.15, loop_width=0.5, where=Where.HELD_OUT)
def two_tall_loop(hand: Hand) -> list[Stroke]:
    """A head as part of a circle, and a tall loop before the base."""
    head = arc((0.3, 0.27), (hand.between(0.26, 0.34), 0.27), hand.between(-175, -140), 50)
    loop = hand.between(0.16, 0.26)
    tail = hand.curve(
        (0.46, 0.52),
        (0.24, 0.82),
        (0.06, 1.0),
        (-0.06, 0.92),
        (0.08, 1 - loop),
        (0.34, 0.92),
        (hand.between(0.6, 0.75), hand.between(0.9, 1.02)),
    )
    return [join(head, tail)]


@style(3, widest=0.14, loop_width=0.5, where=Where.HELD_OUT)
def three_flat_top_looped(hand: Hand) -> list[Stroke]:
    width, y = hand.between(0.5, 0.64), hand.between(0.38, 0.48)
    top = hand.line((0, hand.between(0, 0.06)), (width * 0.95, 0), (0.3, y))
    bottom = hand.curve(
        (0.3, y),
        (0.18, y + 0.06),
        (0.16, y - 0.03),
        (0.34, y - 0.02),
        (width, y + 0.28),
        (width * 0.6, 0.98),
        (0, hand.between(0.84, 0.96)),
    )
    return [join(top, bottom)]


@style(4, widest=0.16, loop_width=0.5, where=Where.HELD_OUT)
def four_loop_to_stem(hand: Hand) -> list[Stroke]:
    """One stroke: the bar swings up in a loop and comes down as the stem."""
    bar, stem = hand.between(0.46, 0.58), hand.between(0.42, 0.52)
    return [
        hand.curve(
            (hand.between(0.05, 0.2), 0),
            (0.0, bar * 0.7),
            (0.06, bar),
            (stem * 0.6, bar),
            (stem + 0.12, bar * 0.75),
            (stem + 0.08, bar * 0.35),
            (stem - 0.01, bar * 0.5),
            (stem - hand.between(0.02, 0.08), 1.0),
        )
    ]


@style(4, widest=0.18, loop_width=0.5, where=Where.HELD_OUT)
def four_curved_sail(hand: Hand) -> list[Stroke]:
    """Closed, with a curved left side."""
    bar, stem = hand.between(0.56, 0.7), hand.between(0.44, 0.56)
    side = hand.curve((stem, 0), (stem * 0.5, bar * 0.55), (0, bar))
    bar_line = hand.line((0, bar), (stem + hand.between(0.12, 0.28), bar - hand.between(0, 0.06)))
    return [join(side, bar_line), hand.line((stem, 0.02), (stem, 1))]


@style(5, widest=0.18, where=Where.HELD_OUT)
def five_bar_first(hand: Hand) -> list[Stroke]:
    """A bar from left to right, then a stem from its left part into a round arc."""
    x, neck = hand.between(0.04, 0.16), hand.between(0.36, 0.46)
    half = (1 - neck) / 2 + 0.02
    bowl = arc((x + 0.14, 1 - half), (hand.between(0.34, 0.46), half), -125, hand.between(105, 140))
    return [
        hand.line(
            (x - hand.between(0, 0.08), 0), (x + hand.between(0.4, 0.6), hand.between(-0.05, 0.03))
        ),
        join(hand.line((x + 0.02, 0), tuple(bowl[0])), bowl),
    ]


@style(6, widest=0.16, loop_width=0.5, where=Where.HELD_OUT)
def six_loop_first(hand: Hand) -> list[Stroke]:
    """A whole ring, then the stem from its left side upwards."""
    width, loop_top = hand.between(0.46, 0.62), hand.between(0.42, 0.54)
    ry = (1 - loop_top) / 2
    ring = arc((width / 2, 1 - ry), (width / 2, ry), hand.between(-100, 60), hand.between(420, 440))
    ring = ring + hand.rng.normal(0, 0.004, ring.shape)
    stem = hand.curve((0, 1 - ry * 0.9), (0.06, 0.36), (hand.between(0.24, 0.5), 0))
    return [ring, stem]


@style(7, widest=0.14, leeway=0.75, where=Where.HELD_OUT)
def seven_wavy_crossed(hand: Hand) -> list[Stroke]:
    """A wave on top, a curved stem, and a slanting bar through it."""
    width = hand.between(0.52, 0.7)
    wave = np.linspace(0, 1, 12)
    top = np.stack([wave * width, 0.05 * np.sin(wave * 5.5 + 2.6) * hand.between(0.7, 1.5)], axis=1)
    stem = hand.curve(tuple(top[-1]), (width * 0.66, 0.36), (width * hand.between(0.3, 0.5), 1.0))
    x = width * 0.56
    bar = hand.line((x - hand.between(0.16, 0.28), 0.56), (x + hand.between(0.14, 0.26), 0.46))
    return [join(top, stem), bar]


@style(7, widest=0.18, leeway=0.75, where=Where.HELD_OUT)
def seven_looped_corner(hand: Hand) -> list[Stroke]:
    """Fast: a small loop where the bar turns into the stem."""
    width = hand.between(0.5, 0.68)
    return [
        hand.curve(
            (0, 0.04),
            (width * 0.5, 0.03),
            (width, 0.0),
            (width + 0.02, -0.08),
            (width - 0.06, -0.05),
            (width * 0.92, 0.12),
            (width * hand.between(0.25, 0.5), 1.0),
        )
    ]


@style(8, widest=0.15, loop_width=0.5, where=Where.HELD_OUT)
def eight_two_curves(hand: Hand) -> list[Stroke]:
    """An S and its mirror image, from the top to the bottom each."""
    upper, lower, waist = (
        hand.between(0.2, 0.27),
        hand.between(0.24, 0.32),
        hand.between(0.42, 0.52),
    )
    s = [(0.04, 0.0), (-upper, waist * 0.45), (0, waist), (lower, waist + 0.28), (-0.03, 1.0)]
    return [hand.curve(*s), hand.curve(*[(-x, y) for x, y in s])]


@style(9, widest=0.15, loop_width=0.5, where=Where.HELD_OUT)
def nine_turned_six(hand: Hand) -> list[Stroke]:
    """A 6 upside down, its tail bent as the beginning of a 6 is."""
    width, loop_top = hand.between(0.46, 0.6), hand.between(0.46, 0.56)
    ry = (1 - loop_top) / 2
    loop = arc((width / 2, 1 - ry), (width / 2, ry), 170, -hand.between(180, 200))
    tail = hand.curve(
        (hand.between(0.3, 0.6), hand.between(0.0, 0.06)), (0.12, 0.2), (0, 1 - ry * 1.3)
    )
    return affine([join(tail, loop)], rotation(180))


@style(9, widest=0.13, loop_width=0.5, where=Where.HELD_OUT)
def nine_g(hand: Hand) -> list[Stroke]:
    """A ring and a separate long stem with a wide hook, like a g."""
    width, height = hand.between(0.44, 0.56), hand.between(0.36, 0.46)
    ring = hand.ring((width / 2, height / 2), (width / 2, height / 2), -20, -365)
    half = hand.between(0.14, 0.2)
    hook = arc((width - half * 1.2, 1 - half), (half * 1.2, half), 0, hand.between(130, 190))
    return [ring, join(hand.line((width, 0.02), (width, 1 - half)), hook)]
