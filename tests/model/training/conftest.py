import pytest
from small_training import few_of


@pytest.fixture
def few(mnist):
    return few_of(mnist)
