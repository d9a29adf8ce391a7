"""How people write 5: the styles that training draws from."""

# ruff: noqa: D103 - the name of a style says what it is

from model.drawn.digits.styles.hand import Hand, Point, style
from model.drawn.strokes import Stroke, join


def _bowl(hand: Hand, neck: Point, width: float, end: Point) -> Stroke:
    """Return the bowl of a 5, from the neck on."""
    depth = 1 - neck[1]
    return hand.curve(
        neck,
        (neck[0] + width * 0.42, neck[1] - depth * hand.between(0.04, 0.16)),
        (neck[0] + width * 0.9, neck[1] + depth * 0.28),
        (neck[0] + width * 0.86, neck[1] + depth * 0.72),
        (neck[0] + width * 0.42, 1),
        end,
    )


def _end_of_five(hand: Hand) -> Point:
    return hand.between(-0.1, 0.06), hand.between(0.86, 0.98)


@style(5, 4, widest=0.18, loop_width=0.5, leeway=0.9)
def five_detached_bar(hand: Hand) -> list[Stroke]:
    """Stem and bowl, then the bar, which may miss the stem a little."""
    top, neck = (hand.between(0.08, 0.2), 0.0), (hand.between(0.02, 0.08), hand.between(0.38, 0.5))
    body = join(
        hand.line(top, neck), _bowl(hand, neck, hand.between(0.5, 0.68), _end_of_five(hand))
    )
    start = (top[0] + hand.between(-0.07, 0.13), hand.between(-0.1, 0.06))
    bar = hand.line(
        start, (start[0] + hand.between(0.28, 0.58), start[1] + hand.between(-0.08, 0.03))
    )
    return [body, bar]


@style(5, 3, widest=0.18, loop_width=0.5, leeway=0.9)
def five_one_stroke(hand: Hand) -> list[Stroke]:
    neck = (hand.between(0.0, 0.08), hand.between(0.36, 0.5))
    bar = (hand.between(0.5, 0.72), hand.between(-0.03, 0.04))
    corner = (hand.between(0.06, 0.16), 0.0)
    bowl = _bowl(hand, neck, hand.between(0.5, 0.68), _end_of_five(hand))
    return [join(hand.line(bar, corner, neck), bowl)]


@style(5, 2, widest=0.17, loop_width=0.5, leeway=0.9)
def five_s(hand: Hand) -> list[Stroke]:
    """One smooth stroke, like an S with a flat top."""
    width, neck = hand.between(0.5, 0.66), hand.between(0.38, 0.48)
    return [
        hand.curve(
            (width * hand.between(0.95, 1.15), hand.between(-0.02, 0.05)),
            (width * 0.45, 0.0),
            (width * 0.14, neck * 0.5),
            (width * 0.3, neck * 0.98),
            (width * 0.75, neck + 0.09),
            (width * 0.98, neck + (1 - neck) * 0.5),
            (width * 0.75, neck + (1 - neck) * 0.9),
            (width * 0.35, 1),
            _end_of_five(hand),
        )
    ]


@style(5, 1.2, widest=0.18, loop_width=0.5, leeway=0.9)
def five_leaning_stem(hand: Hand) -> list[Stroke]:
    """A stem that leans far to the right, with a short bar."""
    top = (hand.between(0.22, 0.34), 0.0)
    neck = (hand.between(0.02, 0.08), hand.between(0.38, 0.48))
    bar = (top[0] + hand.between(0.24, 0.42), hand.between(-0.06, 0.02))
    bowl = _bowl(hand, neck, hand.between(0.5, 0.62), _end_of_five(hand))
    return [join(hand.line(bar, top, neck), bowl)]


@style(5, 1.5, widest=0.18, loop_width=0.5, leeway=0.9)
def five_long_bar(hand: Hand) -> list[Stroke]:
    """A fast, long bar, often rising."""
    top, neck = (hand.between(0.08, 0.16), 0.03), (0.04, hand.between(0.38, 0.48))
    bowl = _bowl(hand, neck, hand.between(0.48, 0.6), _end_of_five(hand))
    end = (hand.between(0.72, 1.0), hand.between(-0.14, 0.02))
    return [
        join(hand.line(top, neck), bowl),
        hand.curve(
            (top[0] + hand.between(-0.06, 0.04), 0.03), (0.4, hand.between(-0.08, 0.04)), end
        ),
    ]


@style(5, 1, widest=0.15, loop_width=0.5, leeway=0.9)
def five_looped_neck(hand: Hand) -> list[Stroke]:
    """A small loop where the stem turns into the bowl."""
    neck, loop = hand.between(0.4, 0.5), hand.between(0.06, 0.11)
    width = hand.between(0.5, 0.64)
    body = hand.curve(
        (0.1, 0.03),
        (0.07, neck * 0.6),
        (0.05, neck + loop * 0.3),
        (-loop * 0.5, neck + loop * 0.4),
        (-loop * 0.2, neck - loop * 0.5),
        (width * 0.5, neck - 0.04),
        (width, neck + (1 - neck) * 0.45),
        (width * 0.5, 1),
        _end_of_five(hand),
    )
    return [
        join(hand.line((hand.between(0.5, 0.65), hand.between(-0.03, 0.03)), (0.1, 0.02)), body)
    ]


@style(5, 1, widest=0.17, loop_width=0.5, leeway=0.9)
def five_box(hand: Hand) -> list[Stroke]:
    """Straight lines only."""
    width, neck = hand.between(0.48, 0.66), hand.between(0.4, 0.5)
    return [
        hand.line(
            (width, 0),
            (0, 0),
            (0, neck),
            (width * hand.between(0.92, 1.05), neck + hand.between(-0.02, 0.06)),
            (width * hand.between(0.9, 1.05), 1),
            (hand.between(-0.06, 0.04), hand.between(0.96, 1.02)),
        )
    ]


@style(5, 1.2, widest=0.15, loop_width=0.5, leeway=0.9)
def five_big_bowl(hand: Hand) -> list[Stroke]:
    neck = (hand.between(0.02, 0.08), hand.between(0.3, 0.38))
    bowl = _bowl(hand, neck, hand.between(0.62, 0.78), (hand.between(-0.08, 0.02), 0.9))
    return [join(hand.line((hand.between(0.5, 0.65), 0), (0.08, 0.02), neck), bowl)]


@style(5, 1.2, widest=0.17, loop_width=0.5, leeway=0.9)
def five_small_bowl(hand: Hand) -> list[Stroke]:
    neck = (hand.between(0.02, 0.08), hand.between(0.5, 0.6))
    bowl = _bowl(hand, neck, hand.between(0.4, 0.54), (hand.between(-0.1, 0.02), 0.93))
    bar = (hand.between(0.46, 0.6), hand.between(-0.04, 0.03))
    if hand.chance(0.5):
        return [join(hand.line(bar, (0.1, 0), neck), bowl)]
    return [join(hand.line((0.1, 0), neck), bowl), hand.line((0.1, 0.0), bar)]


@style(5, 1, widest=0.18, loop_width=0.5, leeway=0.9)
def five_flat_shoulder(hand: Hand) -> list[Stroke]:
    """Level from the neck to the right, then straight or round down and back."""
    width, neck = hand.between(0.5, 0.66), hand.between(0.38, 0.48)
    shoulder = hand.line((width * 0.9, 0), (0.06, 0), (0.04, neck), (width * 0.45, neck - 0.02))
    bowl = hand.curve(
        (width * 0.5, neck - 0.02), (width, neck + 0.26), (width * 0.6, 0.99), _end_of_five(hand)
    )
    return [join(shoulder, bowl)]


@style(5, 1, widest=0.17, loop_width=0.5, leeway=0.9)
def five_hooked_bar(hand: Hand) -> list[Stroke]:
    """The bar is a wave or has a hook at its end."""
    neck = (hand.between(0.02, 0.08), hand.between(0.38, 0.48))
    wave = hand.between(-0.07, 0.07)
    bar = hand.curve((0.12, 0.0), (0.3, wave), (0.46, -wave), (hand.between(0.56, 0.7), wave * 0.6))
    bowl = _bowl(hand, neck, hand.between(0.5, 0.64), _end_of_five(hand))
    return [join(bar[::-1], hand.line((0.12, 0), neck), bowl)]


@style(5, 1, widest=0.13, loop_width=0.4, leeway=0.8)
def five_slim(hand: Hand) -> list[Stroke]:
    neck = (hand.between(0.0, 0.05), hand.between(0.36, 0.5))
    bowl = _bowl(hand, neck, hand.between(0.32, 0.44), (hand.between(-0.06, 0.03), 0.95))
    bar = (hand.between(0.3, 0.5), hand.between(-0.05, 0.03))
    if hand.chance(0.5):
        return [join(hand.line(bar, (0.06, 0), neck), bowl)]
    return [join(hand.line((0.06, 0), neck), bowl), hand.line((0.08, 0), bar)]


@style(5, 1, widest=0.14, loop_width=0.5, leeway=0.8)
def five_open_bowl(hand: Hand) -> list[Stroke]:
    """Fast: the bowl runs out at the bottom instead of turning back."""
    width, neck = hand.between(0.46, 0.6), hand.between(0.36, 0.46)
    top = (hand.between(0.08, 0.24), 0.0)
    body = hand.curve(
        (0.04, neck),
        (width * 0.5, neck - hand.between(0.02, 0.08)),
        (width, neck + 0.24),
        (width * 0.7, 0.84),
        (hand.between(0.0, 0.16), 1.0),
    )
    bar = (top[0] + hand.between(0.36, 0.6), hand.between(-0.08, 0.03))
    if hand.chance(0.5):
        return [join(hand.line(bar, top, (0.04, neck)), body)]
    return [join(hand.line(top, (0.04, neck)), body), hand.line(top, bar)]


@style(5, 0.8, widest=0.17, leeway=0.8)
def five_straight_lines(hand: Hand) -> list[Stroke]:
    """Bar, stem, a short shoulder, and a straight tail down to the left."""
    width, shoulder = hand.between(0.42, 0.65), hand.between(0.38, 0.5)
    lean = hand.between(0.0, 0.14)
    return [
        hand.line(
            (width + lean, hand.between(-0.04, 0.05)),
            (lean, 0.0),
            (hand.between(-0.04, 0.04), shoulder),
            (width, shoulder + hand.between(-0.02, 0.12)),
            (hand.between(-0.1, 0.15), 1.0),
        )
    ]
