"""One tree of what can go wrong for a reason that its user can act on."""


class DrawingsError(Exception):
    """Drawings to measure with cannot be had; the message is one sentence that says why."""
