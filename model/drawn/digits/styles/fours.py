"""How people write 4: the styles that training draws from."""

# ruff: noqa: D103 - the name of a style says what it is

from model.drawn.digits.styles.hand import Hand, style
from model.drawn.strokes import Stroke, join


@style(4, 3, widest=0.2)
def four_open(hand: Hand) -> list[Stroke]:
    bar, lean = hand.between(0.42, 0.68), hand.between(0.03, 0.25)
    stem = hand.between(0.4, 0.55)
    corner = hand.line(
        (lean, 0), (0, bar), (stem + hand.between(0.08, 0.3), bar + hand.between(-0.06, 0.02))
    )
    return [
        corner,
        hand.line((stem, hand.between(-0.02, 0.25)), (stem - hand.between(-0.02, 0.08), 1)),
    ]


@style(4, 2, widest=0.18)
def four_open_cup(hand: Hand) -> list[Stroke]:
    """A round cup, and the stem beside it."""
    stem, bar = hand.between(0.42, 0.58), hand.between(0.46, 0.58)
    cup = hand.curve(
        (hand.between(0, 0.06), hand.between(0, 0.08)),
        (hand.between(-0.02, 0.03), bar * 0.7),
        (stem * 0.35, bar),
        (stem + hand.between(0, 0.12), bar - hand.between(0.02, 0.1)),
    )
    return [cup, hand.line((stem, hand.between(-0.04, 0.1)), (stem - hand.between(0, 0.1), 1))]


@style(4, 2.5, widest=0.18)
def four_one_stroke_cup(hand: Hand) -> list[Stroke]:
    """Like y or the Cyrillic che: down, round, up, and down again."""
    stem, bar = hand.between(0.42, 0.6), hand.between(0.46, 0.58)
    cup = hand.curve(
        (0, 0),
        (hand.between(-0.03, 0.04), bar * 0.65),
        (stem * 0.35, bar),
        (stem * 0.8, bar * 0.8),
        (stem, hand.between(0.0, 0.12)),
    )
    down = (stem - hand.between(-0.02, 0.14), 1)
    return [join(cup, hand.line((stem, 0.05), down))]


@style(4, 3, widest=0.18, loop_width=0.5)
def four_closed(hand: Hand) -> list[Stroke]:
    bar, stem = hand.between(0.58, 0.74), hand.between(0.42, 0.56)
    sail = hand.line(
        (stem + hand.between(-0.04, 0.02), 0), (0, bar), (stem + hand.between(0.1, 0.3), bar)
    )
    return [sail, hand.line((stem, hand.between(-0.03, 0.06)), (stem, 1))]


@style(4, 2, widest=0.18, loop_width=0.5)
def four_closed_in_one_stroke(hand: Hand) -> list[Stroke]:
    bar, stem = hand.between(0.58, 0.72), hand.between(0.42, 0.56)
    return [
        hand.line(
            (stem + hand.between(0.1, 0.3), bar + hand.between(-0.05, 0.03)),
            (0, bar),
            (stem, 0),
            (stem + hand.between(-0.08, 0.03), 1),
        )
    ]


@style(4, 2, widest=0.2, leeway=0.7)
def four_lightning(hand: Hand) -> list[Stroke]:
    """One stroke, like a bolt: down, across, and down from the end of the bar."""
    bar, width = hand.between(0.45, 0.58), hand.between(0.45, 0.65)
    return [
        hand.line(
            (hand.between(0.16, 0.38), 0),
            (0, bar),
            (width, bar - hand.between(0.0, 0.1)),
            (width - hand.between(0.1, 0.26), 1),
        )
    ]


@style(4, 0.8, widest=0.16, leeway=0.5)
def four_lightning_round(hand: Hand) -> list[Stroke]:
    """The bolt in haste: slim, and its corners are bends."""
    bar, width = hand.between(0.38, 0.52), hand.between(0.28, 0.5)
    return [
        hand.curve(
            (width * hand.between(0.4, 0.8), 0),
            (hand.between(0.0, 0.06), bar * 0.6),
            (width * 0.25, bar),
            (width * 0.85, bar + hand.between(0.04, 0.14)),
            (width, bar + hand.between(0.2, 0.28)),
            (width * hand.between(0.8, 1.15), 1),
        )
    ]


@style(4, 2, widest=0.18)
def four_short_stem(hand: Hand) -> list[Stroke]:
    """The stem only crosses the bar."""
    bar, width = hand.between(0.52, 0.66), hand.between(0.55, 0.8)
    stem = width * hand.between(0.55, 0.75)
    return [
        hand.line(
            (hand.between(0.15, 0.42), 0), (0, bar), (width, bar + hand.between(-0.06, 0.03))
        ),
        hand.line((stem + hand.between(0, 0.06), bar - hand.between(0.14, 0.26)), (stem, 1)),
    ]


@style(4, 1.2, widest=0.2)
def four_right_angle(hand: Hand) -> list[Stroke]:
    bar, stem = hand.between(0.44, 0.58), hand.between(0.4, 0.55)
    return [
        hand.line((0, 0), (hand.between(-0.02, 0.03), bar), (stem + hand.between(0, 0.15), bar)),
        hand.line((stem, hand.between(-0.03, 0.05)), (stem, 1)),
    ]


@style(4, 1, widest=0.15, loop_width=0.5)
def four_looped_corner(hand: Hand) -> list[Stroke]:
    """Fast: the corner at the left becomes a small loop."""
    bar, stem, loop = hand.between(0.5, 0.64), hand.between(0.45, 0.58), hand.between(0.08, 0.15)
    corner = hand.curve(
        (hand.between(0.18, 0.36), 0),
        (0.1, bar * 0.6),
        (0.0, bar),
        (-loop * 0.7, bar + loop * 0.1),
        (-loop * 0.4, bar - loop * 0.7),
        (loop, bar - loop * 0.3),
        (stem + hand.between(0.1, 0.25), bar),
    )
    return [corner, hand.line((stem, hand.between(0.05, 0.3)), (stem - hand.between(0, 0.08), 1))]


@style(4, 1.2, widest=0.17)
def four_joined(hand: Hand) -> list[Stroke]:
    """Open, in one stroke: the pen stays down between the bar and the stem."""
    bar, stem = hand.between(0.48, 0.62), hand.between(0.42, 0.56)
    return [
        hand.line(
            (hand.between(0.02, 0.18), hand.between(0, 0.08)),
            (0, bar),
            (stem + hand.between(0.06, 0.16), bar + hand.between(-0.06, 0.02)),
            (stem + hand.between(0.02, 0.06), hand.between(0.0, 0.2)),
            (stem - hand.between(0, 0.1), 1),
        )
    ]


@style(4, 1, widest=0.18)
def four_curved_stem(hand: Hand) -> list[Stroke]:
    bar, stem = hand.between(0.5, 0.62), hand.between(0.48, 0.58)
    tail = hand.between(-0.2, 0.12)
    return [
        hand.line((hand.between(0.05, 0.22), 0), (0, bar), (stem + hand.between(0.06, 0.25), bar)),
        hand.curve(
            (stem, hand.between(0, 0.15)), (stem, 0.5), (stem + tail * 0.3, 0.85), (stem + tail, 1)
        ),
    ]


@style(4, 1, widest=0.19)
def four_three_strokes(hand: Hand) -> list[Stroke]:
    """The bar is a stroke of its own, and may cross the left side."""
    bar, stem = hand.between(0.48, 0.66), hand.between(0.42, 0.56)
    left = hand.between(-0.08, 0.03)
    return [
        hand.line((hand.between(0.1, 0.4), 0), (0, bar)),
        hand.line((left, bar), (stem + hand.between(0.08, 0.26), bar + hand.between(-0.05, 0.03))),
        hand.line((stem, hand.between(0.05, 0.3)), (stem - hand.between(-0.03, 0.08), 1)),
    ]


@style(4, 0.8, widest=0.15, leeway=0.6)
def four_bolt_of_curves(hand: Hand) -> list[Stroke]:
    """A fast bolt: its corners round, its last leg short."""
    bar, width = hand.between(0.46, 0.6), hand.between(0.34, 0.6)
    fall = hand.between(-0.04, 0.12)
    foot = (width - hand.between(-0.02, 0.1), 1.0)
    return [
        hand.curve(
            (hand.between(0.2, 0.5), 0),
            (hand.between(0.02, 0.1), bar * 0.7),
            (0.04, bar),
            (width * 0.6, bar + fall * 0.6),
            (width, bar + fall + 0.04),
            (width, bar + fall + 0.14),
            foot,
        )
    ]


@style(4, 0.8, widest=0.13, leeway=0.8)
def four_hooked(hand: Hand) -> list[Stroke]:
    """In one stroke, slim: down with a hook or a curl at the top, round, and down beside it."""
    bar, stem = hand.between(0.5, 0.64), hand.between(0.28, 0.45)
    top = (hand.between(0.1, 0.3), 0.0)
    side = hand.curve(
        (top[0] - hand.between(0.05, 0.16), hand.between(0.06, 0.14)),
        top,
        (top[0] - 0.02, 0.14),
        (0.0, bar * 0.8),
        (stem * 0.3, bar),
        (stem, bar - hand.between(0.02, 0.12)),
    )
    up = (stem + hand.between(0, 0.05), bar - hand.between(0.16, 0.3))
    return [join(side, hand.line(up, (stem - hand.between(0, 0.1), 1)))]


@style(4, 1, widest=0.14, leeway=0.8)
def four_long_stem(hand: Hand) -> list[Stroke]:
    """A small head high up on a long stem."""
    bar, stem = hand.between(0.3, 0.44), hand.between(0.26, 0.42)
    corner = hand.line(
        (hand.between(0.0, 0.16), 0), (0, bar), (stem + hand.between(0.06, 0.2), bar)
    )
    return [corner, hand.line((stem, hand.between(0, 0.12)), (stem - hand.between(-0.02, 0.1), 1))]


@style(4, 1, widest=0.17, leeway=0.85)
def four_low_bar(hand: Hand) -> list[Stroke]:
    """A bar far down, and wide; open or closed."""
    bar, stem = hand.between(0.68, 0.82), hand.between(0.46, 0.64)
    closed = hand.chance(0.5)
    start = (stem + hand.between(-0.03, 0.02) if closed else hand.between(0.12, 0.34), 0)
    side = hand.line(start, (0, bar), (stem + hand.between(0.12, 0.36), bar))
    top = hand.between(-0.02, 0.04) if closed else hand.between(0.2, 0.45)
    return [side, hand.line((stem, top), (stem, 1))]


@style(4, 0.8, widest=0.13, leeway=0.7)
def four_slim(hand: Hand) -> list[Stroke]:
    bar, stem = hand.between(0.46, 0.62), hand.between(0.24, 0.36)
    corner = hand.line(
        (hand.between(0.0, 0.1), 0), (0, bar), (stem + hand.between(0.06, 0.16), bar)
    )
    return [corner, hand.line((stem, hand.between(0, 0.25)), (stem - hand.between(-0.02, 0.06), 1))]
