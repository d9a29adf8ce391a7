"""How people write 6: the styles that training draws from."""

# ruff: noqa: D103 - the name of a style says what it is

from model.drawn.digits.styles.hand import Hand, Point, style
from model.drawn.strokes import Stroke, join


def _six(
    hand: Hand,
    stem: list[Point],
    loop_top: float,
    width: float,
    *,
    close: float = 0.0,
    drift: float | None = None,
) -> Stroke:
    """Return a stem that runs into a loop, anticlockwise.

    The loop ends ``close`` degrees beyond a whole turn, or short of it if that is below 0.
    """
    ry = (1 - loop_top) / 2
    centre = (width / 2, 1 - ry)
    loop = hand.ring(centre, (width / 2, ry), 172, -(352 + close), drift=drift)
    return join(hand.curve(*stem, (0.0, 1 - ry * 1.25)), loop)


@style(6, 4, widest=0.21, loop_width=0.5, leeway=0.85)
def six_curved(hand: Hand) -> list[Stroke]:
    top = (hand.between(0.26, 0.56), 0.0)
    bow = (hand.between(0.08, 0.2), hand.between(0.2, 0.32))
    return [
        _six(
            hand,
            [top, bow],
            hand.between(0.42, 0.58),
            hand.between(0.46, 0.64),
            close=hand.between(-12, 30),
        )
    ]


@style(6, 2.5, widest=0.21, loop_width=0.5, leeway=0.85)
def six_straight(hand: Hand) -> list[Stroke]:
    x, loop_top = hand.between(0.24, 0.5), hand.between(0.46, 0.6)
    stem = [(x, 0.0), (x * 0.66, loop_top * 0.45), (x * 0.28, loop_top)]
    return [_six(hand, stem, loop_top, hand.between(0.44, 0.62), close=hand.between(-12, 30))]


@style(6, 1.5, widest=0.2, loop_width=0.5, leeway=0.85)
def six_hooked(hand: Hand) -> list[Stroke]:
    """The top bends over to the right."""
    reach = hand.between(0.45, 0.66)
    stem = [
        (reach, hand.between(0.08, 0.18)),
        (reach * 0.72, 0.0),
        (reach * 0.32, hand.between(0.1, 0.18)),
        (0.05, 0.42),
    ]
    loop_top, width = hand.between(0.48, 0.6), hand.between(0.48, 0.64)
    return [_six(hand, stem, loop_top, width, close=hand.between(-10, 25))]


@style(6, 1.2, widest=0.14, loop_width=0.55, leeway=0.85)
def six_big_loop(hand: Hand) -> list[Stroke]:
    top = (hand.between(0.2, 0.5), 0.0)
    stem = [top, (top[0] * 0.42, hand.between(0.18, 0.26))]
    loop_top, width = hand.between(0.35, 0.44), hand.between(0.52, 0.7)
    return [_six(hand, stem, loop_top, width, close=hand.between(-10, 25))]


@style(6, 1.5, widest=0.15, loop_width=0.42, leeway=0.85)
def six_small_loop(hand: Hand) -> list[Stroke]:
    top = (hand.between(0.18, 0.46), 0.0)
    stem = [top, (top[0] * 0.4, 0.28), (0.02, 0.55)]
    loop_top, width = hand.between(0.58, 0.66), hand.between(0.36, 0.5)
    return [_six(hand, stem, loop_top, width, close=hand.between(-5, 25))]


@style(6, 1.5, widest=0.15, loop_width=0.5, leeway=0.85)
def six_open(hand: Hand) -> list[Stroke]:
    """The loop stops a little before it meets the stem."""
    top = (hand.between(0.25, 0.52), 0.0)
    stem = [top, (top[0] * 0.4, hand.between(0.22, 0.3))]
    loop_top, width = hand.between(0.42, 0.54), hand.between(0.48, 0.64)
    return [_six(hand, stem, loop_top, width, close=-hand.between(25, 65))]


@style(6, 1.2, widest=0.13, loop_width=0.5, leeway=0.85)
def six_spiral(hand: Hand) -> list[Stroke]:
    """The loop ends inside, without touching the stem."""
    top = (hand.between(0.25, 0.5), 0.0)
    stem = [top, (top[0] * 0.4, hand.between(0.2, 0.3))]
    close, drift = hand.between(-30, 10), -hand.between(0.25, 0.42)
    loop_top, width = hand.between(0.4, 0.5), hand.between(0.52, 0.66)
    return [_six(hand, stem, loop_top, width, close=close, drift=drift)]


@style(6, 1, widest=0.2, loop_width=0.5, leeway=0.85)
def six_crossing(hand: Hand) -> list[Stroke]:
    """The end of the loop crosses the stem."""
    top = (hand.between(0.28, 0.5), 0.0)
    stem = [top, (top[0] * 0.4, hand.between(0.24, 0.32))]
    loop_top, width = hand.between(0.46, 0.58), hand.between(0.46, 0.6)
    body = _six(hand, stem, loop_top, width, close=-30)
    return [
        join(
            body,
            hand.curve(
                (0.1, loop_top + 0.07),
                (-hand.between(0.04, 0.12), loop_top + hand.between(0.08, 0.18)),
            ),
        )
    ]


@style(6, 1, widest=0.2, loop_width=0.5, leeway=0.85)
def six_two_strokes(hand: Hand) -> list[Stroke]:
    """An open C, then the right half of the loop."""
    width, loop_top = hand.between(0.48, 0.64), hand.between(0.42, 0.55)
    top = (hand.between(0.3, 0.56), 0.0)
    back = hand.curve(
        top, (0.12, 0.26), (0.0, 0.62), (0.1, 0.9), (width * 0.5, 1.0), (width * 0.85, 0.92)
    )
    ry = (1 - loop_top) / 2
    belly = hand.ring(
        (width / 2, 1 - ry), (width / 2, ry), -hand.between(160, 178), hand.between(215, 250)
    )
    return [back, belly]


@style(6, 0.8, widest=0.2, loop_width=0.5, leeway=0.85)
def six_upright(hand: Hand) -> list[Stroke]:
    """The stem stands almost upright and only begins with a bend."""
    stem = [(hand.between(0.14, 0.26), 0.0), (hand.between(0.05, 0.09), 0.18), (0.0, 0.45)]
    loop_top, width = hand.between(0.46, 0.56), hand.between(0.44, 0.58)
    return [_six(hand, stem, loop_top, width, close=hand.between(-8, 20))]


@style(6, 0.7, widest=0.19, loop_width=0.5, leeway=0.85)
def six_bowl_on_stem(hand: Hand) -> list[Stroke]:
    """A leaning stem down to the foot, then the bowl from the stem's middle, clockwise."""
    x, width = hand.between(0.2, 0.4), hand.between(0.44, 0.6)
    y = hand.between(0.48, 0.6)
    middle = hand.between(0.02, 0.06)
    stem = hand.curve((x, 0), (x * 0.45, 0.3), (middle, 0.62), (0.02, 0.86), (0.1, 0.97))
    bowl = hand.curve(
        (middle, y + 0.16),
        (width * 0.5, y),
        (width, y + (1 - y) * 0.42),
        (width * 0.75, 0.95),
        (width * 0.35, 1.0),
        (0.08, hand.between(0.92, 0.98)),
    )
    return [stem, bowl]


@style(6, 1.5, widest=0.18, loop_width=0.3, leeway=0.85)
def six_tiny_loop(hand: Hand) -> list[Stroke]:
    """A long stem, straight or bent, that ends in a loop no wider than it must be."""
    x, loop_top = hand.between(0.05, 0.4), hand.between(0.6, 0.78)
    bow = hand.between(-0.05, 0.06)
    stem = [(x, 0.0), (x * 0.66 - bow, loop_top * 0.4), (x * 0.25 - bow, loop_top * 0.85)]
    width = hand.between(0.2, 0.38)
    return [_six(hand, stem, loop_top, width, close=hand.between(-15, 40))]


@style(6, 0.8, widest=0.17, loop_width=0.35, leeway=0.85)
def six_loop_across(hand: Hand) -> list[Stroke]:
    """The small loop runs on across the stem and out at the left."""
    x, loop_top = hand.between(0.1, 0.4), hand.between(0.55, 0.72)
    stem = [(x, 0.0), (x * 0.6, loop_top * 0.45), (x * 0.2, loop_top)]
    body = _six(hand, stem, loop_top, hand.between(0.26, 0.45), close=-20)
    middle = (1 + loop_top) / 2
    out = (-hand.between(0.08, 0.26), middle + hand.between(-0.02, 0.12))
    return [join(body, hand.line((0.06, middle - 0.04), out))]
