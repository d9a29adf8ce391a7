"""How people write 7: the styles that training draws from."""

# ruff: noqa: D103 - the name of a style says what it is

import numpy as np

from model.drawn.digits.styles.hand import Hand, Point, style
from model.drawn.strokes import Stroke, join


class _Seven:
    """The measures of a 7, and its parts."""

    def __init__(self, hand: Hand, low: float = 0.52, high: float = 0.78) -> None:
        self.hand = hand
        self.width = hand.between(low, high)
        self.left = (0.0, hand.between(-0.03, 0.08))
        self.corner = (self.width, hand.between(-0.04, 0.04))
        self.foot = (self.width * hand.between(0.1, 0.6), 1.0)

    def straight_stem(self) -> Stroke:
        return self.hand.line(self.corner, self.foot)

    def curved_stem(self) -> Stroke:
        (x0, y0), (x1, _) = self.corner, self.foot
        bow = self.hand.between(0.04, 0.2)
        return self.hand.curve(
            self.corner,
            (x0 + (x1 - x0) * (0.3 + bow), y0 + 0.28),
            (x0 + (x1 - x0) * min(1.0, 0.65 + bow), 0.62),
            self.foot,
        )

    def stem(self) -> Stroke:
        return self.straight_stem() if self.hand.chance(0.5) else self.curved_stem()

    def cross(self) -> Stroke:
        """The bar through the stem."""
        hand = self.hand
        y = hand.between(0.38, 0.62)
        x = self.corner[0] + (self.foot[0] - self.corner[0]) * y
        left, right = hand.between(0.14, 0.34), hand.between(0.12, 0.3)
        rise = hand.between(-0.05, 0.08)
        return hand.line((x - left, y + rise), (x + right, y - rise))


@style(7, 4, widest=0.26, leeway=0.75)
def seven_straight(hand: Hand) -> list[Stroke]:
    seven = _Seven(hand)
    return [join(hand.line(seven.left, seven.corner), seven.straight_stem())]


@style(7, 2, widest=0.24, leeway=0.75)
def seven_curved(hand: Hand) -> list[Stroke]:
    seven = _Seven(hand)
    return [join(hand.line(seven.left, seven.corner), seven.curved_stem())]


@style(7, 4, widest=0.17, leeway=0.75)
def seven_crossed(hand: Hand) -> list[Stroke]:
    seven = _Seven(hand)
    return [join(hand.line(seven.left, seven.corner), seven.straight_stem()), seven.cross()]


@style(7, 2, widest=0.17, leeway=0.75)
def seven_crossed_curved(hand: Hand) -> list[Stroke]:
    seven = _Seven(hand)
    return [join(hand.line(seven.left, seven.corner), seven.curved_stem()), seven.cross()]


def _hanging(hand: Hand, seven: _Seven, low: float, high: float) -> Point:
    """Return where the stroke begins that hangs from the left end of the bar."""
    return seven.left[0] - hand.between(-0.02, 0.06), seven.left[1] + hand.between(low, high)


@style(7, 1.5, widest=0.18, leeway=0.75)
def seven_serif(hand: Hand) -> list[Stroke]:
    seven = _Seven(hand, 0.5, 0.72)
    start = _hanging(hand, seven, 0.08, 0.24)
    return [join(hand.line(start, seven.left, seven.corner), seven.stem())]


@style(7, 1.2, widest=0.14, leeway=0.75)
def seven_serif_crossed(hand: Hand) -> list[Stroke]:
    seven = _Seven(hand, 0.52, 0.72)
    start = _hanging(hand, seven, 0.08, 0.2)
    return [join(hand.line(start, seven.left, seven.corner), seven.stem()), seven.cross()]


@style(7, 1, widest=0.17, leeway=0.75)
def seven_japanese(hand: Hand) -> list[Stroke]:
    """A long stroke hangs at the left, and the stem is steep."""
    seven = _Seven(hand, 0.5, 0.68)
    seven.foot = (seven.width * hand.between(0.45, 0.8), 1.0)
    start = (seven.left[0] - hand.between(-0.02, 0.04), seven.left[1] + hand.between(0.2, 0.32))
    return [hand.line(start, seven.left), join(hand.line(seven.left, seven.corner), seven.stem())]


@style(7, 1.5, widest=0.16, leeway=0.75)
def seven_wavy_bar(hand: Hand) -> list[Stroke]:
    seven = _Seven(hand, 0.52, 0.75)
    wave = hand.between(0.05, 0.12)
    bar = hand.curve(
        (0, wave),
        (seven.width * 0.25, -wave * 0.5),
        (seven.width * 0.65, wave * 0.7),
        (seven.width, -0.02),
    )
    return [join(bar, seven.stem())] + ([seven.cross()] if hand.chance(0.35) else [])


@style(7, 1, widest=0.22, leeway=0.75)
def seven_steep(hand: Hand) -> list[Stroke]:
    """A stem that is nearly upright below a wide bar."""
    seven = _Seven(hand, 0.5, 0.68)
    seven.foot = (seven.width * hand.between(0.62, 0.95), 1.0)
    strokes = [join(hand.line(seven.left, seven.corner), seven.straight_stem())]
    return strokes + ([seven.cross()] if hand.chance(0.3) else [])


@style(7, 1, widest=0.22, leeway=0.75)
def seven_round_corner(hand: Hand) -> list[Stroke]:
    """Fast: bar and stem in one swing."""
    seven = _Seven(hand, 0.5, 0.7)
    x = seven.width
    stroke = hand.curve(
        seven.left,
        (x * 0.6, -0.02),
        (x * 0.96, 0.05),
        (x * 0.92, 0.2),
        ((x + seven.foot[0]) / 2, 0.55),
        seven.foot,
    )
    return [stroke] + ([seven.cross()] if hand.chance(0.3) else [])


@style(7, 1, widest=0.16, leeway=0.75)
def seven_two_strokes(hand: Hand) -> list[Stroke]:
    """Bar and stem apart, so that they overshoot or miss each other a little."""
    seven = _Seven(hand)
    over = hand.between(-0.05, 0.0)
    bar = hand.line(seven.left, (seven.corner[0] + over, seven.corner[1]))
    stem = seven.stem() + np.array([0, hand.between(-0.05, 0.03)])
    return [bar, stem] + ([seven.cross()] if hand.chance(0.35) else [])


@style(7, 0.8, widest=0.2, leeway=0.75)
def seven_tailed(hand: Hand) -> list[Stroke]:
    """The foot of the stem bends to the left or to the right."""
    seven = _Seven(hand)
    seven.foot = (seven.width * hand.between(0.2, 0.5), 0.9)
    x = seven.foot[0]
    tail = hand.between(0.04, 0.09) if hand.chance(0.4) else -hand.between(0.06, 0.15)
    foot = hand.curve(seven.foot, (x + tail * 0.15, 0.97), (x + tail, 1.0))
    return [join(hand.line(seven.left, seven.corner), seven.straight_stem(), foot)]


@style(7, 2, widest=0.12, leeway=0.75)
def seven_crossed_in_one_stroke(hand: Hand) -> list[Stroke]:
    """The pen stays down: from the foot up to the left, and across the stem to the right."""
    seven = _Seven(hand, 0.42, 0.72)
    seven.foot = (seven.width * hand.between(0.15, 0.75), 1.0)
    y = hand.between(0.46, 0.64)
    x = seven.corner[0] + (seven.foot[0] - seven.corner[0]) * y
    left, right = hand.between(0.12, 0.34), hand.between(0.16, 0.48)
    back = hand.line(seven.foot, (x - left, y + hand.between(-0.02, 0.1)), (x + right, y))
    top = hand.line(seven.left, seven.corner)
    if hand.chance(0.6):  # a round head that hangs at the left
        top = hand.curve(
            (0, hand.between(0.06, 0.24)), (seven.width * 0.35, -0.02), (seven.width, 0.1)
        )
        seven.corner = (seven.width, 0.1)
    return [join(top, seven.stem(), back)]


@style(7, 2.5, widest=0.17, leeway=0.75)
def seven_crossed_low(hand: Hand) -> list[Stroke]:
    """A long bar through the lower half of a steep or bulging stem."""
    seven = _Seven(hand, 0.4, 0.7)
    seven.foot = (seven.width * hand.between(0.2, 0.95), 1.0)
    y = hand.between(0.5, 0.72)
    x = seven.corner[0] + (seven.foot[0] - seven.corner[0]) * y
    bar = hand.line(
        (x - hand.between(0.16, 0.4), y + hand.between(-0.02, 0.08)),
        (x + hand.between(0.2, 0.5), y - hand.between(-0.02, 0.06)),
    )
    return [join(hand.line(seven.left, seven.corner), seven.stem()), bar]


def _round_stem(hand: Hand, width: float, foot: Point) -> Stroke:
    """Return a round head like that of a 2 or a question mark, and the stem below it."""
    return hand.curve(
        (0, hand.between(0.06, 0.26)),
        (width * 0.4, 0.0),
        (width * hand.between(0.92, 1.04), hand.between(0.12, 0.24)),
        (width * hand.between(0.7, 0.92), 0.55),
        foot,
    )


def _beside_round_stem(width: float, foot: Point, y: float) -> float:
    """Return the x of a `_round_stem` at height y below its head."""
    return width * 0.88 + (foot[0] - width * 0.88) * max(0.0, (y - 0.3) / 0.7)


@style(7, 3, widest=0.16, leeway=0.75)
def seven_round_crossed(hand: Hand) -> list[Stroke]:
    """A round head; the bar makes it a 7."""
    width = hand.between(0.28, 0.62)
    foot = (width * hand.between(-0.2, 0.6), 1.0)
    y = hand.between(0.46, 0.74)
    x = _beside_round_stem(width, foot, y)
    left, right = hand.between(0.12, 0.36), hand.between(0.16, 0.44)
    bar = hand.line((x - left, y + hand.between(-0.02, 0.07)), (x + right, y))
    return [_round_stem(hand, width, foot), bar]


@style(7, 1.5, widest=0.11, leeway=0.75)
def seven_arched_bar(hand: Hand) -> list[Stroke]:
    """The bar rises from the left of the foot, bends, and crosses the stem level.

    The pen may stay down: then it comes back from the foot, and leaves a corner or a loop there.
    """
    width = hand.between(0.28, 0.6)
    foot = (width * hand.between(0.3, 1.0), 1.0)
    y = hand.between(0.54, 0.76)
    x = _beside_round_stem(width, foot, y)
    left, right = hand.between(0.12, 0.4), hand.between(0.12, 0.5)
    low = (x - left, min(1.0, y + hand.between(0.06, 0.26)))
    bend = (x - left * hand.between(0.5, 0.8), y + hand.between(0.02, 0.06))
    bar = hand.curve(low, bend, (x, y), (x + right, y + hand.between(-0.05, 0.03)))
    stem = _round_stem(hand, width, foot)
    return [join(stem, bar)] if hand.chance(0.25) else [stem, bar]


@style(7, 0.8, widest=0.18, leeway=0.6)
def seven_wide(hand: Hand) -> list[Stroke]:
    """The bar as long as the stem or nearly so."""
    seven = _Seven(hand, 0.75, 1.0)
    seven.foot = (seven.width * hand.between(0.2, 0.7), 1.0)
    strokes = [join(hand.line(seven.left, seven.corner), seven.stem())]
    return strokes + ([seven.cross()] if hand.chance(0.3) else [])


@style(7, 0.8, widest=0.11, leeway=0.35)
def seven_slim(hand: Hand) -> list[Stroke]:
    """A short level bar with a sharp corner, and a long stem."""
    seven = _Seven(hand, 0.38, 0.48)
    seven.left = (0.0, hand.between(-0.03, 0.02))
    strokes = [join(hand.line(seven.left, seven.corner), seven.straight_stem())]
    return strokes + ([seven.cross()] if hand.chance(0.4) else [])
