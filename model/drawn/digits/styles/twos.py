"""How people write 2: the styles that training draws from."""

# ruff: noqa: D103 - the name of a style says what it is

from model.drawn.digits.styles.hand import Hand, Point, style
from model.drawn.strokes import Stroke, join


def _head_of_two(hand: Hand, width: float, hook: float) -> list[Point]:
    """Return the points from the beginning of a 2 to its neck."""
    top = hand.between(0.24, 0.34)
    return [
        (width * 0.02, hook),
        (width * 0.22, 0.05),
        (width * 0.55, 0),
        (width * 0.93, top * 0.75),
        (width * 0.84, top * 1.55),
        (width * 0.5, hand.between(0.62, 0.72)),
    ]


@style(2, 4, widest=0.24, loop_width=0.5, leeway=0.9)
def two_flat(hand: Hand) -> list[Stroke]:
    width = hand.between(0.5, 0.75)
    head = _head_of_two(hand, width, hand.between(0.14, 0.3))
    end = (width * hand.between(0.95, 1.25), hand.between(0.92, 1.08))
    return [join(hand.curve(*head, (0, 0.98)), hand.line((0, 1), end))]


@style(2, 3, widest=0.16, loop_width=0.5, leeway=0.9)
def two_looped(hand: Hand) -> list[Stroke]:
    width, loop = hand.between(0.5, 0.75), hand.between(0.1, 0.24)
    head = _head_of_two(hand, width, hand.between(0.12, 0.32))
    return [
        hand.curve(
            *head,
            (loop, 0.95),
            (loop * 0.1, 0.99),
            (-loop * 0.35, 1 - loop * 0.55),
            (loop * 0.45, 1 - loop),
            (width * 0.55, 0.97 - loop * 0.15),
            (width * hand.between(1.0, 1.25), hand.between(0.86, 1.02)),
        )
    ]


@style(2, 1, widest=0.22, loop_width=0.5, leeway=0.9)
def two_z(hand: Hand) -> list[Stroke]:
    width = hand.between(0.5, 0.75)
    top = hand.curve((0, hand.between(0.05, 0.14)), (width * 0.6, 0), (width * 0.95, 0.06))
    base = (width * hand.between(0.95, 1.2), hand.between(0.95, 1.02))
    return [join(top, hand.line((width * 0.95, 0.07), (0, 1), base))]


@style(2, 2, widest=0.22, loop_width=0.5, leeway=0.9)
def two_wavy_base(hand: Hand) -> list[Stroke]:
    width, wave = hand.between(0.5, 0.75), hand.between(0.03, 0.1)
    head = _head_of_two(hand, width, hand.between(0.12, 0.3))
    base = hand.curve(
        (0, 1),
        (width * 0.3, 1 - wave),
        (width * 0.75, 1 + wave * 0.6),
        (width * hand.between(1.05, 1.25), 1 - wave * hand.between(0, 1)),
    )
    return [join(hand.curve(*head, (0, 0.99)), base)]


@style(2, 1.2, widest=0.19, loop_width=0.5, leeway=0.9)
def two_curled_start(hand: Hand) -> list[Stroke]:
    width = hand.between(0.55, 0.75)
    head = _head_of_two(hand, width, hand.between(0.18, 0.24))
    curl = [(width * 0.3, hand.between(0.2, 0.3)), (width * 0.14, hand.between(0.28, 0.34))]
    end = (width * hand.between(0.95, 1.2), hand.between(0.92, 1.08))
    return [join(hand.curve(*curl, *head, (0, 0.98)), hand.line((0, 1), end))]


@style(2, 1.2, widest=0.22, loop_width=0.5, leeway=0.9)
def two_round_base(hand: Hand) -> list[Stroke]:
    """Fast: turns into the base without a corner, and the base swings upwards."""
    width = hand.between(0.5, 0.7)
    head = _head_of_two(hand, width, hand.between(0.12, 0.28))
    end = (width * hand.between(1.0, 1.25), hand.between(0.86, 0.95))
    return [hand.curve(*head, (width * 0.1, 0.9), (width * 0.2, 1.0), (width * 0.6, 0.99), end)]


@style(2, 0.8, widest=0.22, loop_width=0.5, leeway=0.9)
def two_separate_base(hand: Hand) -> list[Stroke]:
    width = hand.between(0.5, 0.75)
    head = _head_of_two(hand, width, hand.between(0.14, 0.3))
    base = hand.line(
        (hand.between(-0.1, 0.06), hand.between(0.95, 1.03)),
        (width * hand.between(0.95, 1.25), hand.between(0.95, 1.04)),
    )
    return [hand.curve(*head, (0, 0.98)), base]


@style(2, 1.2, widest=0.2, loop_width=0.5, leeway=0.9)
def two_small_head(hand: Hand) -> list[Stroke]:
    width = hand.between(0.42, 0.6)
    head = [(0.04, 0.16), (width * 0.4, 0), (width * 0.85, 0.12), (width * 0.7, 0.36)]
    end = (width * hand.between(1.05, 1.35), hand.between(0.93, 1.04))
    return [join(hand.curve(*head, (0, 0.98)), hand.line((0, 1), end))]


@style(2, 1, widest=0.24, loop_width=0.5, leeway=0.9)
def two_wide(hand: Hand) -> list[Stroke]:
    """A big round head and a short base."""
    width = hand.between(0.7, 0.9)
    head = _head_of_two(hand, width, hand.between(0.2, 0.36))
    corner = (width * hand.between(0.0, 0.15), 1)
    end = (width * hand.between(0.85, 1.05), hand.between(0.95, 1.05))
    return [join(hand.curve(*head, corner), hand.line(corner, end))]


@style(2, 1, widest=0.22, loop_width=0.5, leeway=0.9)
def two_angular(hand: Hand) -> list[Stroke]:
    width = hand.between(0.5, 0.7)
    peak = (width * hand.between(0.4, 0.65), 0)
    return [
        hand.line(
            (0, hand.between(0.15, 0.28)),
            peak,
            (width, hand.between(0.2, 0.32)),
            (0, 1),
            (width * hand.between(0.95, 1.2), hand.between(0.95, 1.03)),
        )
    ]


@style(2, 1, widest=0.16, loop_width=0.6, leeway=0.8)
def two_long_base(hand: Hand) -> list[Stroke]:
    """A base that reaches far beyond the head, level, bent or falling."""
    width = hand.between(0.38, 0.54)
    head = _head_of_two(hand, width, hand.between(0.14, 0.32))
    reach, fall = width * hand.between(1.35, 1.9), hand.between(-0.06, 0.12)
    base = hand.curve((0, 1), (reach * 0.5, 1 + fall * 0.2), (reach, 1 + fall))
    return [join(hand.curve(*head, (0, 0.99)), base)]


@style(2, 1, widest=0.14, loop_width=0.4, leeway=0.7)
def two_slim(hand: Hand) -> list[Stroke]:
    """Tall and slim, with a small round head."""
    width = hand.between(0.32, 0.44)
    head = [(0.0, hand.between(0.14, 0.24)), (width * 0.4, 0), (width * 0.9, 0.14)]
    neck = [(width * 0.8, 0.36), (width * 0.4, 0.72)]
    end = (width * hand.between(1.0, 1.4), hand.between(0.93, 1.04))
    return [join(hand.curve(*head, *neck, (0, 0.99)), hand.line((0, 1), end))]
