"""The service: HTTP around the network. It reads drawings with `model` and never trains.

    __main__      the command
    main          the service put together
    settings      every knob
    environment   what the environment says of them
    service       what all requests share
    errors        every way to refuse
    notes         what the steps of one request tell each other
    healthcheck   is the service on this machine ready?
    api/          what is asked and what is answered
    drawings/     a body -> one picture
    queue/        whose turn it is
    telemetry/    what the service tells of itself
    web/          the page and the API's documentation
    server/       the processes and the protocol under the app

A request goes down this line, a module for each step:

    server/protocol     HTTP, its limits and deadlines   (server, workers: the processes around it)
    api/middleware      request id, headers, metrics, log
    api/routes          which question                   (v2/: the same for Open Inference)
    api/intake          whether it is admitted, and its body
    drawings/inputs     the body -> a drawing            (multipart, containers, images)
    queue/admission     when its turn comes
    api/answer          the drawing -> the answer        (queue/batches: several together)

`notes` are what the steps of one request tell each other: its id, the digest of the weights, the
timings of its steps, the kind of its refusal. `settings` holds every knob, `errors` every way to
refuse, `service` what all requests share, `telemetry/` what the service tells of itself, `web/` the
page. Of `model` only `recognizer`, `weights`, `errors`, `frame` and what these need may be imported
here.
"""

import model  # pins BLAS to one thread before anything imports NumPy
