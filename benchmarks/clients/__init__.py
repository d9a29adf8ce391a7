"""What the benchmarks send, and how.

    load     a load generator, and the service to load
    costly   requests that are cheap to send and costly to answer

Never imported by anything but benchmarks and tests.
"""
