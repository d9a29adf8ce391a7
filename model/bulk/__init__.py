"""Pictures by the million become one table: every core reads, and a run that ends early goes on.

    sources    paths -> the items in them, in one order, without a list of all
    zips       the members of a ZIP, one after the other
    arrays     the pictures of an .npy, .npz or IDX file, one after the other
    remote     files of other file systems, as s3://bucket/folder
    items      one item -> its picture, within bounds
    rows       one picture -> its row of the table, or its lines for people
    processes  many items at once, in processes of this machine
    cluster    the same on the machines of a Ray cluster
    table      rows -> a CSV or Parquet file that is whole or can be gone on with
    run        all of it together: one command

Every item goes through the network alone, as in the service: so its row depends on nothing but the
item and the weights, and neither on its neighbours nor on who computes it.

The packages of the extras `bulk` and `ray` are imported where they are used, and nowhere else.
"""
