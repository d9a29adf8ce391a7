"""One program per claim; each prints what was measured beside what was asked for."""

import model  # noqa: F401 - pins BLAS to one thread before anything imports NumPy
