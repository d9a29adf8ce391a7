"""What a network reads and what it does not, measured.

    run          the measurements in order, and the files they are written to
    results      what reading many labelled drawings gave
    scores       results -> the scores of a report
    metrics      the statistics behind them: intervals, reliability, AUROC
    robustness   the same digits moved, turned, blurred
    papers       digits on paper with other ink on it, looked at twice
    numbers      how well numbers are read
    mistakes     the worst mistakes among results
    report       what was measured, as dataclasses
    table        a report as text
    plots        as pictures
    model_card   as a page

Never imported by the service, nor by training.
"""
