"""From pictures to weights.

    run            a whole training, from the data to a weights file
    recipes        named ways to make a network, each value with its reason
    pools          what is trained on, and what is kept back to judge by
    augmentation   training pictures distorted anew each time
    trainer        the loop: steps over shards, a running average, the record of each epoch
    shards         one shard forward and backward, and its loss
    checkpoint     a training on disk, to go on from
    validation     errors on what is kept back
    calibration    probabilities that mean what they say
    numbers/       the same for numbers of several digits
    tutorial       the lesson that this began as

Of `model` it may import all but `evaluation`. The service never imports it.
"""
