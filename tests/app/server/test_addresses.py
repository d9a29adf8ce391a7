"""The address that is asked for, below a path of a proxy or not."""

import pytest

from app.server.addresses import below, forwarded_prefix, with_path


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        (b"/", b"/"),
        (b"/a?b", b"/a?b"),
        (b"http://host", b"/"),
        (b"http://host?detail=true", b"/?detail=true"),
        (b"http://host/a", b"http://host/a"),
    ],
)
def test_an_address_without_a_path_gets_one(url, meant):
    assert with_path(url) == meant


@pytest.mark.parametrize(
    ("url", "rest"),
    [
        (b"/digits", b"/"),
        (b"/digits/", b"/"),
        (b"/digits/predict", b"/predict"),
        (b"/digits?x", b"/?x"),
        (b"/digitsx", b"/digitsx"),
        (b"/predict", b"/predict"),
        (b"/digits/digits", b"/digits"),
    ],
)
def test_the_path_of_a_proxy_is_left_out_where_it_is_one(url, rest):
    assert below(url, "/digits") == rest
    assert below(url, "") == url


@pytest.mark.parametrize(
    ("values", "prefix"),
    [
        ([], ""),
        ([b"/digits"], "/digits"),
        ([b" /digits/ "], "/digits"),
        ([b"/a", b"/b"], "/a/b"),
        ([b"/a, /b/"], "/a/b"),
        ([b"/" + b"a" * 199], "/" + "a" * 199),
        ([b"/" + b"a" * 200], ""),
        ([b"//elsewhere.example"], ""),
        ([b"digits"], ""),
    ],
)
def test_a_proxy_says_a_path_that_can_be_one_or_none(values, prefix):
    headers = [(b"host", b"x"), *((b"x-forwarded-prefix", value) for value in values)]
    assert forwarded_prefix(headers) == prefix
