"""The network and how it learns: layers, each with its gradient, losses, optimizers.

    base            what every layer is, and the steps that several kinds of layer share
    layers          convolution, pooling, ReLU, dense
    normalization   batch normalisation
    network         layers in order, their parameters in one vector
    losses          cross-entropy, softmax, sigmoid
    optimizers      SGD, AdamW, the schedule of the learning rate
    fast/           the same results, faster; nothing in it is needed to understand the rest

Of `model` nothing but this package may be imported here: it knows no pictures, no data, no files.
"""
