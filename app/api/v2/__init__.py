"""The Open Inference protocol (KServe V2).

    routes   its endpoints and its tensors

May import what `app.api` may.
"""
