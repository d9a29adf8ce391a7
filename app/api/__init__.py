"""What is asked and what is answered.

    routes       the endpoints, each a line per step
    intake       whether a request is admitted, and its body
    answer       one drawing -> what is answered
    batch        several drawings -> what is answered to each
    number       one drawing of a number -> what is answered
    schemas      what travels, as checked models
    openapi      the API's document
    addresses    what happens where no route is
    middleware   request id, headers, metrics and log around every request
    v2/          the same network by the Open Inference protocol

May import everything of `app` but `server` and `main`.
"""
