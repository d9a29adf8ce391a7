"""The Open Inference protocol (KServe V2).

    routes    its endpoints
    body      the JSON of a request -> frames, what was read in them -> the JSON of an answer
    errors    what the API's document says of its refusals
    schemas   what travels, as checked models

May import what `app.api` may.
"""
