"""The servers that `benchmarks.serving` measures beside ours.

nothing   our service with a route that does nothing
bento     the same network in BentoML
lit       the same network in LitServe
"""
