"""From pictures to weights.

    recipes        named ways to make a network, each value with its reason
    pools          what is trained on, and what is kept back to judge by
    augmentation   training pictures distorted anew each time
    trainer        the loop: shards, progress, the gate
    validation     errors on what is kept back
    calibration    probabilities that mean what they say
    tutorial       the lesson that this began as

Never imported by the service; never imports `evaluation`.
"""
