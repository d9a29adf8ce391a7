"""From pictures to the weights that read numbers.

    recipe       the layers of the network, and its training, each value with its reason
    pools        what it is trained on, and what is kept back
    trainer      the loop: strips drawn anew in every step; and a whole training
    calibration  what a reader says of its confidence, at the end of a training or anew

Of `model` it may import what `model.training` may. The service never imports it.
"""
