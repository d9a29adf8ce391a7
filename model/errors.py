"""One tree of what can go wrong for a reason that its user can act on."""


class ModelError(Exception):
    """What was asked for cannot be done; the message is one sentence that says why."""


class DrawingsError(ModelError):
    """Drawings to measure with cannot be had; the message is one sentence that says why."""


class PlotError(ModelError):
    """Pictures cannot be drawn; the message says what to install."""
