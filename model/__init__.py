"""The network: NumPy alone, layer by layer, with its own backpropagation.

Legend, used in every shape that this package writes down:

    N  images in a batch          K     kernel size of a convolution: K x K weights a channel
    H  rows of a picture          C     channels coming in
    W  columns of a picture       F     channels going out (filters)

Pictures and activations are laid out ``(N, H, W, C)`` everywhere. A *frame* is what the network
reads: ``float32 (28, 28, 1)`` in [-0.5, 0.5], paper -0.5 and ink +0.5 (MNIST's grey / 255 - 0.5).
Its *pixels* are how it is stored: ``uint8 (28, 28)``, paper 0 and ink 255. Its *label* is 0 to 9,
or -1 for a drawing that is no digit.

A layer computes in the dtype it is given (``float32`` for work, ``float64`` for proofs) and keeps
this contract:

    forward(x)          -> (y, cache)    writes nothing to the layer, so threads can share it
    backward(dy, cache) -> (dx, grads)   ``dx`` as x, ``grads`` a dict with the names of parameters
    predict(x)          -> y             the forward pass of a trained network; keeps no cache

``dy`` is short for dL/dy, the gradient of the loss with respect to ``y``; only an optimizer
changes parameters.

The rooms, each with its own map:

    nn/           layers, losses, optimizers; `nn/fast/` does the same faster
    frame/        a picture of any size -> the 28x28 frame
    drawn/        what is drawn by code
    data/         drawings from elsewhere: MNIST, pen drawings, one's own
    training/     recipes, the loop, validation
    evaluation/   scores, plots, the model card
    recognizer    what the service holds: a network and its calibration
    explanation   which ink spoke for a reading, and which against it
    second_look   a drawing read twice, if need be: the second time without other ink
    number_reader  the same for numbers of several digits
    weights       a recognizer, or a reader of numbers, on disk
    export        a recognizer as an ONNX file
    bulk/         pictures by the million, into one table
    samples       frames beside what they are
    parallel      the same work on many things at once
    files         files written whole or not at all, and read within bounds
    errors        what can go wrong for a reason that its user can act on
    __main__      the commands

Nothing here knows HTTP, and nothing imports `app`.
"""

import os

# Parallelism comes from above: the service has workers and threads of its own, and the trainer
# splits a batch over threads, so BLAS must not start more. Every entry point imports this package
# before NumPy; whoever wants otherwise sets the variable before starting Python.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
