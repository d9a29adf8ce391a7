"""The Open Inference protocol (KServe V2).

    routes    its endpoints
    body      a request -> frames, what was read in them -> the answer
    binary    tensors in bytes behind the JSON
    errors    what the API's document says of its refusals
    schemas   what travels, as checked models

May import what `app.api` may.
"""
