"""Central differences against a gradient derived by hand."""

import numpy as np


def check_gradient(f, x, gradient, rng, *, step=1e-6, tolerance=1e-6, directions=4):
    """Hold ``gradient`` of the scalar f at x (float64) to central differences.

    In each of some random directions d, (f(x + h d) - f(x - h d)) / 2h must equal the sum of
    gradient * d, to ``tolerance`` relative to the size of the two.
    """
    assert x.dtype == gradient.dtype == np.float64
    assert x.shape == gradient.shape, f"gradient {gradient.shape} of an array {x.shape}"
    for _ in range(directions):
        direction = rng.standard_normal(x.shape)
        numeric = (f(x + step * direction) - f(x - step * direction)) / (2 * step)
        analytic = float((gradient * direction).sum())
        error = abs(numeric - analytic) / max(abs(numeric), abs(analytic), 1e-3)
        assert error < tolerance, (
            f"central differences give {numeric:.9g}, the gradient {analytic:.9g}: "
            f"they differ by {error:.2e}, and {tolerance:.0e} is allowed"
        )
