"""The service: HTTP around the network. It reads drawings with `model` and never trains.

A request goes down this line, a module for each step:

    protocol    HTTP, its limits and deadlines      (server, workers: the processes around it)
    middleware  request id, headers, metrics, log
    routes      which question                      (open_inference: the same for its protocol)
    intake      may it, can it, and its body
    inputs      the body -> a drawing               (multipart, containers, images)
    admission   whose turn it is
    reading     the drawing -> the answer           (batches: several by the network together)

`settings` holds every knob, `errors` every way to refuse, `service` what all requests share.
"""

import model  # pins BLAS to one thread before anything imports NumPy
