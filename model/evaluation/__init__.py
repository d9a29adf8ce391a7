"""What a network reads and what it does not, measured.

    run          the measurements in order, and the files they are written to
    readings     what was read in many frames, and the worst mistakes
    scores       errors with intervals, reliability, AUROC
    robustness   the same digits moved, turned, blurred
    report       what was measured, and as a table
    plots        as pictures
    model_card   as a page

Never imported by the service, nor by training.
"""
