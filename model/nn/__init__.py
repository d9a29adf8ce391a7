"""The network and how it learns: layers, each with its gradient, losses, optimizers.

    base            what every layer is
    layers          convolution, pooling, ReLU, dense, by their plain definitions
    normalization   batch normalisation, likewise
    network         layers in order, their parameters in one vector
    losses          cross-entropy, softmax, sigmoid
    ctc             a line of signs without their places: loss and gradient
    ctc_decoding    what such a network says: the likeliest texts, and their places
    optimizers      SGD, AdamW, the schedule of the learning rate
    fast/           the same results, faster; nothing in it is needed to understand the rest

A layer is written here as it is defined. A network asks `fast.implementation`, the one door to
what is faster, what to compute it with; for a new kind of layer that is the layer itself.

Of `model` nothing but this package may be imported here: it knows no pictures, no data, no files.
"""
