"""How people write 3: the styles that training draws from."""

# ruff: noqa: D103 - the name of a style says what it is

from model.drawn.digits.styles.hand import Hand, Point, style
from model.drawn.strokes import Stroke, join


def _lower_bowl(hand: Hand, middle: Point, width: float, end: Point) -> Stroke:
    """Return the lower half of a 3, from the notch on."""
    depth = 1 - middle[1]
    return hand.curve(
        middle,
        (width * 0.72, middle[1] + depth * 0.07),
        (width, middle[1] + depth * 0.48),
        (width * 0.78, middle[1] + depth * 0.88),
        (width * 0.42, 1),
        end,
    )


def _end_of_three(hand: Hand) -> Point:
    return hand.between(-0.12, 0.08), hand.between(0.82, 0.98)


@style(3, 4, widest=0.2, loop_width=0.5, leeway=0.85)
def three_cusp(hand: Hand) -> list[Stroke]:
    middle = (hand.between(0.16, 0.34), hand.between(0.4, 0.54))
    upper, lower = hand.between(0.45, 0.62), hand.between(0.48, 0.7)
    top = hand.curve(
        (hand.between(0, 0.08), hand.between(0.08, 0.2)),
        (upper * 0.5, 0),
        (upper, middle[1] * 0.42),
        (upper * 0.8, middle[1] * 0.85),
        middle,
    )
    return [join(top, _lower_bowl(hand, middle, lower, _end_of_three(hand)))]


@style(3, 2, widest=0.2, loop_width=0.5, leeway=0.85)
def three_smooth(hand: Hand) -> list[Stroke]:
    """Fast: only a dent between the two bows."""
    middle, dent = hand.between(0.42, 0.54), hand.between(0.22, 0.32)
    upper, lower = hand.between(0.5, 0.62), hand.between(0.52, 0.7)
    return [
        hand.curve(
            (hand.between(0, 0.08), hand.between(0.06, 0.18)),
            (upper * 0.55, 0),
            (upper, middle * 0.42),
            (dent, middle),
            (lower, middle + (1 - middle) * 0.5),
            (lower * 0.5, 1),
            _end_of_three(hand),
        )
    ]


@style(3, 2, widest=0.15, loop_width=0.5, leeway=0.85)
def three_looped(hand: Hand) -> list[Stroke]:
    """A small loop at the notch."""
    y, loop = hand.between(0.43, 0.53), hand.between(0.07, 0.15)
    x = hand.between(0.14, 0.26)
    upper, lower = hand.between(0.48, 0.62), hand.between(0.5, 0.7)
    return [
        hand.curve(
            (hand.between(0, 0.08), hand.between(0.08, 0.18)),
            (upper * 0.55, 0),
            (upper, y * 0.4),
            (x + loop * 1.4, y - loop * 0.1),
            (x, y + loop * 0.5),
            (x - loop * 0.35, y - loop * 0.1),
            (x + loop * 0.4, y - loop * 0.45),
            (lower * 0.8, y + 0.1),
            (lower, y + (1 - y) * 0.52),
            (lower * 0.5, 1),
            _end_of_three(hand),
        )
    ]


@style(3, 2.5, widest=0.2, loop_width=0.5, leeway=0.85)
def three_flat_top(hand: Hand) -> list[Stroke]:
    """Like ʒ: level top, straight back to the middle, bowl."""
    width = hand.between(0.5, 0.68)
    middle = (hand.between(0.16, 0.32), hand.between(0.36, 0.48))
    top = hand.line((hand.between(-0.02, 0.06), hand.between(0, 0.05)), (width * 0.95, 0), middle)
    if hand.chance(0.15):  # a small stroke hangs from the left end
        top = join(hand.line((-0.01, hand.between(0.08, 0.13)), (0.0, 0.02)), top[1:])
    return [join(top, _lower_bowl(hand, middle, width, _end_of_three(hand)))]


@style(3, 1, widest=0.18, loop_width=0.5, leeway=0.85)
def three_two_bows(hand: Hand) -> list[Stroke]:
    """Two separate bows, one under the other."""
    y = hand.between(0.43, 0.52)
    upper, lower = hand.between(0.3, 0.42), hand.between(0.36, 0.5)
    top = hand.ring((0.08, y / 2), (upper, y / 2), -hand.between(110, 150), hand.between(200, 245))
    half = (1 - y) / 2
    bottom = hand.ring(
        (0.08, y + half), (lower, half), -hand.between(90, 115), hand.between(205, 250)
    )
    return [top, bottom]


@style(3, 1.2, widest=0.17, loop_width=0.5, leeway=0.85)
def three_curled(hand: Hand) -> list[Stroke]:
    """Both ends curl inwards."""
    middle = (hand.between(0.24, 0.36), hand.between(0.42, 0.5))
    upper, lower = hand.between(0.5, 0.6), hand.between(0.56, 0.7)
    top = hand.curve(
        (hand.between(0.1, 0.16), hand.between(0.17, 0.22)),
        (0.03, 0.15),
        (0.08, 0.04),
        (upper * 0.6, -0.02),
        (upper, middle[1] * 0.42),
        (upper * 0.8, middle[1] * 0.85),
        middle,
    )
    bottom = _lower_bowl(hand, middle, lower, (0.02, 0.9))
    curl = hand.curve((0.02, 0.9), (0.0, 0.8), (hand.between(0.06, 0.12), hand.between(0.76, 0.82)))
    return [join(top, bottom, curl)]


@style(3, 1, widest=0.17, loop_width=0.5, leeway=0.85)
def three_small_top(hand: Hand) -> list[Stroke]:
    middle = (hand.between(0.14, 0.24), hand.between(0.32, 0.4))
    upper, lower = hand.between(0.36, 0.46), hand.between(0.6, 0.75)
    top = hand.curve((0.02, 0.1), (upper * 0.55, 0), (upper, middle[1] * 0.45), middle)
    return [join(top, _lower_bowl(hand, middle, lower, _end_of_three(hand)))]


@style(3, 1, widest=0.17, loop_width=0.5, leeway=0.85)
def three_large_top(hand: Hand) -> list[Stroke]:
    middle = (hand.between(0.2, 0.32), hand.between(0.52, 0.6))
    upper, lower = hand.between(0.6, 0.72), hand.between(0.5, 0.6)
    top = hand.curve(
        (0, hand.between(0.1, 0.22)), (upper * 0.5, 0), (upper, middle[1] * 0.45), middle
    )
    return [join(top, _lower_bowl(hand, middle, lower, _end_of_three(hand)))]


@style(3, 1, widest=0.17, loop_width=0.5, leeway=0.5)
def three_angular(hand: Hand) -> list[Stroke]:
    width = hand.between(0.45, 0.65)
    return [
        hand.line(
            (0, hand.between(0.02, 0.1)),
            (width * 0.9, hand.between(0.06, 0.16)),
            (hand.between(0.14, 0.26), hand.between(0.4, 0.5)),
            (width, hand.between(0.64, 0.76)),
            (hand.between(-0.05, 0.1), 1),
        )
    ]


@style(3, 1, widest=0.15, loop_width=0.3, leeway=0.85)
def three_narrow(hand: Hand) -> list[Stroke]:
    """Tall and slim, the middle only a notch."""
    middle = (hand.between(0.1, 0.2), hand.between(0.4, 0.5))
    upper, lower = hand.between(0.22, 0.36), hand.between(0.26, 0.42)
    top = hand.curve(
        (0, hand.between(0.02, 0.1)), (upper * 0.6, 0), (upper, middle[1] * 0.5), middle
    )
    return [join(top, _lower_bowl(hand, middle, lower, _end_of_three(hand)))]


@style(3, 1.2, widest=0.13, leeway=0.6)
def three_hasty(hand: Hand) -> list[Stroke]:
    """Slim and nearly straight: hooks to the left at both ends, and a waist that is only a bend."""
    upper, lower = hand.between(0.2, 0.34), hand.between(0.24, 0.42)
    middle, end = hand.between(0.42, 0.54), hand.between(0.0, 0.14)
    waist = min(upper, lower) - hand.between(0.04, 0.13)
    return [
        hand.curve(
            (hand.between(-0.06, 0.04), hand.between(0.04, 0.16)),
            (upper * 0.55, 0),
            (upper, middle * 0.4),
            (waist, middle),
            (lower, middle + (1 - middle) * 0.5),
            (lower * 0.75, 0.93),
            (lower * 0.4 - end, hand.between(0.95, 1.02)),
        )
    ]


@style(3, 0.8, widest=0.16, loop_width=0.5, leeway=0.85)
def three_wide_bottom(hand: Hand) -> list[Stroke]:
    """The lower bow swings far out and far back."""
    middle = (hand.between(0.16, 0.3), hand.between(0.34, 0.46))
    upper, lower = hand.between(0.38, 0.5), hand.between(0.66, 0.86)
    top = hand.curve(
        (0.04, hand.between(0.06, 0.14)), (upper * 0.6, 0), (upper, middle[1] * 0.45), middle
    )
    end = (hand.between(-0.3, -0.05), hand.between(0.88, 1.02))
    return [join(top, _lower_bowl(hand, middle, lower, end))]


@style(3, 0.6, widest=0.11, loop_width=0.45, leeway=0.85)
def three_begun_inside(hand: Hand) -> list[Stroke]:
    """The stroke begins within the upper bow and curls around it; the lower may curl in as well."""
    middle = (hand.between(0.14, 0.28), hand.between(0.42, 0.5))
    upper, lower = hand.between(0.42, 0.56), hand.between(0.46, 0.62)
    top = hand.curve(
        (hand.between(0.08, 0.16), hand.between(0.16, 0.23)),
        (hand.between(0.0, 0.05), hand.between(0.1, 0.15)),
        (upper * 0.5, 0),
        (upper, middle[1] * 0.45),
        middle,
    )
    return [join(top, _lower_bowl(hand, middle, lower, _end_of_three(hand)))]
