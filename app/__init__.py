"""The service: HTTP around the network. It reads drawings with `model` and never trains.

A request goes down this line, a module for each step:

    server -> middleware -> routes -> inputs (images, containers, multipart) -> reading -> answer

`settings` holds every knob, `errors` every way to refuse, `service` what all requests share.
"""

import model  # pins BLAS to one thread before anything imports NumPy
