"""The processes and the protocol under the app.

    protocol      HTTP/1.1 with limits, on uvicorn's parser: one connection
    incoming      what a client has sent ahead of what is parsed
    connections   how many there are, and how many of one address
    addresses     what address is asked for
    refusals      answers of the protocol's own
    server        one worker's server: deadlines, signals, the end
    workers       several workers and their supervisor

The top of the house: nothing but `app.__main__` imports it.
"""
