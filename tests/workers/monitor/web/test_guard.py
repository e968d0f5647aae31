"""Who may ask what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagemill.errors import SettingsError
from workers.monitor.web.exchange import Refused, Request
from workers.monitor.web.guard import check, has_token, is_loopback, read_token

TOKEN = "0123456789abcdef"


def asked(method="GET", **headers):
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method=method, path="/api/status", headers={"host": "localhost:8712", **told})


def status(request, level="read", *, token=TOKEN, loopback=True):
    """What it is refused with; 200 when it is not."""
    try:
        check(request, level, token=token, loopback=loopback)
    except Refused as refusal:
        return refusal.status
    return 200


@pytest.mark.parametrize("host", ["localhost", "localhost:8712", "127.0.0.1:1", "[::1]", "[::1]:8712", "LOCALHOST"])
def test_loopback_is_read_without_a_token(host):
    """By any of its names."""
    assert status(asked(host=host)) == status(asked(host=host), token="") == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8712",
        "",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "[::1]x",
        "[::2]:8712",
    ],
)
@pytest.mark.parametrize("level", ["open", "read", "change"])
def test_a_name_that_leads_here_by_another_sites_dns_is_refused(host, level):
    """Its pages would be of one origin with ours (DNS rebinding)."""
    assert status(asked(host=host, authorization=f"Bearer {TOKEN}"), level) == 421


def test_a_change_needs_the_token_on_loopback_too():
    """Another user of the machine, or a page in the browser, may reach it."""
    assert status(asked("POST"), "change") == 401
    assert status(asked("POST", authorization="Bearer 0123456789abcdeX"), "change") == 401
    assert status(asked("POST", authorization=f"Basic {TOKEN}"), "change") == 401
    assert status(asked("POST", authorization=f"Bearer {TOKEN}"), "change") == 200


def test_without_a_token_nobody_changes_anything():
    """An empty one is not a token, either."""
    assert status(asked("POST"), "change", token="") == 403
    assert status(asked("POST", authorization="Bearer "), "change", token="") == 403


def test_elsewhere_reading_needs_the_token_and_the_page_itself_does_not():
    """The page holds no figure; by it one gives the token."""
    assert status(asked(host="mill.example"), loopback=False) == 401
    assert status(asked(host="mill.example", authorization=f"bearer {TOKEN}"), loopback=False) == 200
    assert status(asked(host="mill.example"), "open", loopback=False) == 200


def test_what_another_sites_page_asks_for_is_refused():
    """Browsers say so (Fetch Metadata); the page itself may be linked to."""
    assert status(asked(sec_fetch_site="cross-site")) == 403
    assert status(asked(sec_fetch_site="cross-site"), "open") == 200
    assert status(asked(sec_fetch_site="same-origin")) == 200


@given(st.text() | st.text().map("Bearer {}".format))
def test_any_authorization_but_the_token_is_none(told):
    """Whatever the header holds, it is answered."""
    assert not has_token(asked(authorization=told), TOKEN)


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("mill.example", False),
        ("localhost.example", False),
    ],
)
def test_loopback_is_what_this_machine_alone_reaches(host, alone):
    """A name other than localhost may lead anywhere."""
    assert is_loopback(host) == alone


def test_a_token_comes_from_its_file_or_the_settings(tmp_path):
    """The file counts, without its line's end."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert read_token("another-token-of-16", str(tmp_path / "token")) == TOKEN
    assert read_token(TOKEN, None) == TOKEN
    assert read_token("", None) == ""


@pytest.mark.parametrize("content", ["", "short", "0123456789 abcdef", "0123456789abcdé!", "0123456789abcde\x07"])
def test_a_token_that_could_be_guessed_or_not_be_sent_is_refused(tmp_path, content):
    """Its error does not show it."""
    (tmp_path / "token").write_text(content)
    with pytest.raises(SettingsError) as caught:
        read_token("", str(tmp_path / "token"))
    assert not content or content not in str(caught.value)


def test_a_token_file_that_is_missing_is_named(tmp_path):
    """So that nobody believes that there is a token."""
    with pytest.raises(SettingsError, match="nowhere"):
        read_token("", str(tmp_path / "nowhere"))
