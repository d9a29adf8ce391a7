"""What the service tells of itself.

    logs             lines of log
    metrics          what /metrics tells
    shared_metrics   the folder in which several workers share their counters
    tracing          what FastAPI is told about spans for OpenTelemetry

Imports of `app` only `settings`.
"""
