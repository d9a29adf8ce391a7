import numpy as np

from model.nn.fast.workspace import Workspace, empty, own_memory, scratch


def test_scratch_memory_is_cut_again_and_the_rest_is_not():
    workspace = Workspace()
    for _ in range(2):  # the first time, to see how much is needed
        with workspace.reused():
            kept = empty((5,), np.float64)
            kept[...] = 1
            with scratch():
                first = empty((7,), np.float64)
            second = empty((7,), np.float64)
            second[...] = 2
    assert np.shares_memory(first, second)
    np.testing.assert_array_equal(kept, 1)
    with scratch():  # without a workspace it changes nothing
        empty((3,), np.float64)[...] = 3


def test_own_memory_is_not_cut_from_the_workspace():
    workspace = Workspace()
    for _ in range(2):
        with workspace.reused():
            first = empty((5,), np.float64)
            with own_memory():
                kept = empty((5,), np.float64)
                with scratch():
                    also_kept = empty((5,), np.float64)
            second = empty((5,), np.float64)
    assert np.shares_memory(first, workspace._block)
    assert np.shares_memory(second, workspace._block)
    assert not np.shares_memory(kept, workspace._block)
    assert not np.shares_memory(also_kept, workspace._block)


def test_every_array_begins_where_a_cache_line_does():
    workspace = Workspace()
    for _ in range(2):
        with workspace.reused():
            arrays = [empty((n,), np.float32) for n in (1, 17, 33)]
    arrays += [empty((n, 3), np.float64) for n in (1, 5, 1000)]
    assert {array.ctypes.data % 64 for array in arrays} == {0}
