"""Which addresses an app may name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.core.errors import InvalidInputError
from common.core.outside import check_url, is_allowed


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://hooks.example.com/in?x=1", "hooks.example.com", 443),
        ("http://example.com", "example.com", 80),
        ("https://example.com:8443/", "example.com", 8443),
        ("https://EXAMPLE.com./x", "example.com", 443),
        ("https://8.8.8.8/", "8.8.8.8", 443),
        ("https://[2001:4860:4860::8888]/", "2001:4860:4860::8888", 443),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        ("https://a_b.example.com/", "a_b.example.com", 443),
    ],
)
def test_public_addresses_may_be_asked(url: str, host: str, port: int) -> None:
    outside = check_url(url)
    assert (outside.host, outside.port) == (host, port)


def test_a_fragment_is_nobodys_business() -> None:
    assert check_url("https://example.com/x#secret").url == "https://example.com/x"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://example.com../",
        "http://.example.com/",
        "http://localhost/",
        "http://localhost.:8080/",
        "http://foo.localhost/",
        "http://intranet/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://printer.local/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://192.0.0.192/opc/v2/",
        "http://127.0.0.1.:80/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://010.8.8.8/",
        "http://0/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://192.0.2.1/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:7f00:1::80ff:fffe]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fc00::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://[::1",
        "http://user@example.com/",
        "http://user:password@example.com/",
        "http://example.com@127.0.0.1/",
        "http://@example.com/",
        "http://example.com:0x50/",
        "http://example.com:99999/",
        "http://example.com\\@127.0.0.1/",
        "http://exa mple.com/",
        "http://example.com/\r\nHost: x",
        "http://example.com/\0",
        "http://ⓔxample.com/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://-example.com/",
        "http://exam..ple.com/",
        "http://example.com/" + "x" * 2100,
    ],
)
def test_anything_else_may_not(url: str) -> None:
    with pytest.raises(InvalidInputError):
        check_url(url)


@given(st.text(max_size=60).map(lambda text: f"http://{text}"))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        host = check_url(text).host
    except InvalidInputError:
        return
    assert "." in host or ":" in host


@given(st.ip_addresses(v=4))
def test_an_address_inside_ipv6_is_judged_like_itself(address: object) -> None:
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_allowed(wrapped) == is_allowed(str(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "nonsense", "10.1.2.3"])
def test_what_a_name_resolves_to_is_judged_too(address: str) -> None:
    assert not is_allowed(address)


def test_a_developers_own_machine_can_be_allowed_and_nothing_else() -> None:
    for url in ("http://127.0.0.1:8000/x", "http://localhost:8000/", "http://[::1]/"):
        check_url(url, loopback=True)
    for url in ("http://10.0.0.1/", "http://169.254.169.254/", "http://0x7f.1/", "http://intranet/"):
        with pytest.raises(InvalidInputError):
            check_url(url, loopback=True)


@pytest.mark.parametrize("url", ["https://example.com/x", "https://example.com:443/", "https://example.com:80/"])
def test_what_is_told_something_is_told_in_secret(url: str) -> None:
    assert check_url(url, encrypted=True).url == url


@pytest.mark.parametrize("url", ["http://example.com/", "https://example.com:8443/", "https://example.com:22/"])
def test_and_nowhere_else(url: str) -> None:
    with pytest.raises(InvalidInputError):
        check_url(url, encrypted=True)
    assert check_url(url, encrypted=True, loopback=True).url == url
