"""The rules for keys, endpoints and the other set-up arguments."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest

from declarant import ConfigError
from declarant._paths import consent_file, store_folder
from declarant._settings import (
    check_endpoint,
    endpoint_variable,
    is_loopback,
    load_reference,
    packaged_key,
    resolve_endpoint,
    tenant_token,
)

TOKEN = "0123456789abcdef0123456789abcdef"
GOOD = f"{TOKEN}-11111111-2222-3333-4444-555555555555-7000"


class BytesPath:
    def __fspath__(self):
        return b"x"


class NoPath:
    def __fspath__(self):
        return 5


def test_the_token_is_the_part_before_the_first_dash():
    """Only that may stand in an envelope."""
    assert tenant_token(GOOD) == TOKEN


@pytest.mark.parametrize(
    "key",
    [
        TOKEN,
        GOOD + "0",
        GOOD[1:],
        GOOD.replace("-", "_"),
        GOOD.replace("7000", "\u0667\u0660\u0660\u0660"),
        GOOD.replace("7000", "70 0"),
        "g" + GOOD[1:],
        GOOD + "\n",
        GOOD.encode(),
        7,
    ],
)
def test_a_malformed_key_is_refused_without_being_shown(key):
    """The message tells the expected form and nothing of the key."""
    with pytest.raises(ConfigError) as caught:
        tenant_token(key)

    message = str(caught.value)
    assert message.startswith("ikey: expected ")
    assert not any(part and part in message for part in ("11111111", "0123456789", "5555"))


def test_a_malformed_key_is_refused_by_configure(make_client):
    """Where the host can see it."""
    with pytest.raises(ConfigError, match="ikey"):
        make_client(ikey="nonsense")


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:8080/x?y#z",
        "https://127.255.0.1",
        "http://[::1]:80/",
        "HTTP://127.0.0.1",
    ],
)
def test_literal_loopback_addresses(endpoint):
    """These cannot leave the machine."""
    assert is_loopback(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://localhost/",
        "http://127.0.0.1.example/",
        "http://127.0.0.1@example/",
        "http://example\\@127.0.0.1/",
        "http://127.1/",
        "http://127.0.0.256/",
        "http://127.0.0.1:80:80/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:/",
        "http://127.0.0.1:1\\@other/",
        "http://127.0.0.1/\\other",
        "http://127.0.0.1/\x7f",
        "http://127.0.0.1/ x",
        "http://user@127.0.0.1/",
        "http://[::1]x/",
        "http://[::2]/",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
        "http://127.0.0." + "1" * 5000,
        "http://127.0.0.1:" + "9" * 5000,
        "http://127.0.0.\u0661/",
        "",
    ],
)
def test_what_only_looks_like_loopback(endpoint):
    """Names, tricks and overlong numbers do not count, and none raises."""
    assert not is_loopback(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://example/",
        "ftp://x",
        "",
        "https://",
        "https:///x",
        "https://a b/",
        "https://x\r\nHost: y",
        "https://x/\x00",
        "https://x\\@y/",
        "https://user:word@x/",
        "https://x:65536/",
        "https://x:+1/",
        "https://[::1/",
        "https://[::1]443/",
        "https://[::1]:99999/",
        5,
    ],
)
def test_other_endpoints_are_refused(endpoint):
    """Events leave the machine over TLS or not at all."""
    with pytest.raises(ConfigError, match="endpoint: expected"):
        check_endpoint(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://x",
        "HTTPS://x:65535/a@b?c#d",
        "https://[2001:db8::1]:1/",
        "http://127.0.0.1:65535/",
        "http://[::1]/",
    ],
)
def test_plain_endpoints_pass_unchanged(endpoint):
    """An "@" behind the host is no user."""
    assert check_endpoint(endpoint) == endpoint


def test_the_environment_may_only_point_to_loopback(monkeypatch):
    """Whoever can set a variable must not get a user's events."""
    assert endpoint_variable("model-kit") == "MODEL_KIT_TELEMETRY_ENDPOINT"
    monkeypatch.setenv("MODELKIT_TELEMETRY_ENDPOINT", "https://evil.example/")
    assert resolve_endpoint("modelkit", "https://good.example/") == "https://good.example/"
    monkeypatch.setenv("MODELKIT_TELEMETRY_ENDPOINT", "http://127.0.0.1:5/")
    assert resolve_endpoint("modelkit", "https://good.example/") == "http://127.0.0.1:5/"


@pytest.mark.parametrize(
    "settings",
    [
        {"consent": "maybe"},
        {"delivery": "pigeon"},
        {"level": "all"},
        {"ikey": None, "ikey_ref": "no colon"},
        {"ikey": None, "ikey_ref": "a b:c"},
        {"ikey": None, "ikey_ref": "no_such_module_here:KEY"},
        {"ikey": None, "ikey_ref": "os:no_such_name"},
        {"ikey": None, "ikey_ref": "os:sep_"},
        {"ikey": None, "ikey_ref": "os:environ"},
        {"flush_interval_s": -1},
        {"flush_interval_s": float("nan")},
        {"exit_budget_s": "1"},
        {"exit_budget_s": True},
        {"sender_interval_s": 1e300},
        {"flush_interval_s": "5"},
        {"sender_interval_s": None},
        {"app_version": 5},
        {"app_version": None},
        {"ikey": 5},
        {"ikey": KeyError},
        {"ikey": None, "ikey_ref": 5},
        {"endpoint": 5},
        {"endpoint": 0},
        {"strict": "yes"},
        {"consent": ["granted"]},
        {"delivery": None},
        {"level": 5},
        {"store_folder": 5},
        {"store_folder": b"x"},
        {"store_folder": BytesPath()},
        {"store_folder": NoPath()},
    ],
)
def test_unusable_arguments_are_refused(make_client, settings):
    """Each with one sentence that names it."""
    name = list(settings)[-1]
    with pytest.raises(ConfigError, match=f"{name}: "):
        make_client(**settings)


def test_a_wrong_type_is_refused_while_consent_is_denied_too(make_client):
    """A host learns of its mistake before the first user agrees."""
    with pytest.raises(ConfigError, match="ikey: expected text"):
        make_client(consent="denied", ikey=5)


def test_the_store_folder_may_be_a_path(make_client, emit, folder, stored):
    """Whatever names a folder names the store."""
    client = make_client(store_folder=folder)

    assert emit(client)
    assert len(stored()) == 1


def test_a_key_module_with_a_syntax_error_does_not_show_its_line(tmp_path, monkeypatch):
    """Python's own message would quote the line, and that may be the one with the key."""
    import traceback

    (tmp_path / "broken_key.py").write_text(f"IKEY = '{GOOD}' oops\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ConfigError) as caught:
        load_reference("broken_key:IKEY")

    assert TOKEN not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("text", [f"IKEY = '{GOOD}' oops\n", f"import nothing_{TOKEN}\n", "\0"])
def test_a_damaged_key_module_of_the_package_is_no_key(text, tmp_path, monkeypatch):
    """It neither breaks the host nor shows its line."""
    (tmp_path / "damaged_events").mkdir()
    (tmp_path / "damaged_events/__init__.py").touch()
    (tmp_path / "damaged_events/_key.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "damaged_events", raising=False)

    assert packaged_key(SimpleNamespace(draft=False, package="damaged_events")) is None


def test_the_store_lies_where_platformdirs_says(monkeypatch, tmp_path):
    """The shortcut for Linux is the same place."""
    import platformdirs

    for value in (str(tmp_path), "", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", value)
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        if value == "relative":
            # platformdirs believes it; the standard says such a value is to be ignored.
            assert store_folder("modelkit").startswith(str(tmp_path / "home"))
        else:
            expected = platformdirs.user_state_dir("modelkit", appauthor=False)
            assert store_folder("modelkit") == f"{expected}/telemetry"


@pytest.mark.skipif(sys.platform == "win32", reason="needs homes as POSIX has them")
@pytest.mark.parametrize("below_home", ["", ".winml/config.json"])
def test_an_empty_home_is_none(monkeypatch, tmp_path, below_home):
    """The system's list of users tells then, as if the variable were not set; never the root."""
    import pwd

    users = {os.getuid(): SimpleNamespace(pw_dir=str(tmp_path))}
    monkeypatch.setattr(pwd, "getpwuid", users.__getitem__)
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, "")

    monkeypatch.delenv("HOME")
    unset = (store_folder("modelkit"), consent_file("modelkit", below_home))
    monkeypatch.setenv("HOME", "")
    empty = (store_folder("modelkit"), consent_file("modelkit", below_home))
    users.clear()
    nobody = (store_folder("modelkit"), consent_file("modelkit", below_home))

    # Where platformdirs would have to be asked, there is no place at all.
    assert empty == unset or not sys.platform.startswith("linux")
    assert all(not place or place.startswith(f"{tmp_path}/") for place in empty)
    assert nobody == ("", "")


def test_no_home_is_no_place(monkeypatch):
    """A store in the working directory would be a surprise."""
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)

    assert store_folder("modelkit") == ""
