"""The queue in which drawings wait for their turn.

    admission   how many drawings are read at once, and which are refused
    memory      how much of it large pictures take at once
    batches     drawings that are ready at the same time, read by the network together

Imports of `app` only `errors` and `settings`.
"""
