"""What a user typed for a secret option does not come back in a parser's refusal."""

from __future__ import annotations

import argparse
import contextlib
import io

import click
import pytest

from declarant._scrubbing.pipeline import scrubbed

SECRETS = ("hunter2x", "correct horse staple", "it's-7-o'clock", 'say "7" twice', "a: b: 77")
NAMES = (
    *(("--password",), ("--password", "-p"), ("-p", "--password"), ("--api-key", "-k")),
    *(("--token",), ("--auth-code",), ("--pin",)),
)
HARMLESS = (("--count", "-c"), ("--author",), ("--max-tokens",), ("--tokenizer",))


def result_of(text: str) -> str:
    """Return what is kept of a text, which is all that is kept of that."""
    result = scrubbed("message", text, 10_000, (), ())
    assert scrubbed("message", result, 10_000, (), ()) == result
    return result


def leaks(result: str, secret: str) -> list[str]:
    """Return what is left of a secret, in pieces of four characters."""
    pieces = {secret[at : at + 4] for at in range(len(secret) - 3)}
    return sorted(piece for piece in pieces if piece in result)


TYPES = {
    "an integer": click.INT,
    "a range": click.IntRange(1, 5),
    "a choice": click.Choice(["one", "two"]),
    "a time": click.DateTime(),
    "an id": click.UUID,
    "a file": click.File(),
    "a path": click.Path(exists=True),
}


def refused_by_click(
    names: tuple[str, ...], type_: click.ParamType, value: str, variable: str = "MY_SECRET"
) -> str:
    """Return how Click refuses a value, with the variable that stands for the option, too."""
    option = click.Option(list(names), type=type_, envvar=variable, show_envvar=True)
    with pytest.raises(click.UsageError) as told:
        click.Command("login", params=[option], callback=print).main(
            [f"{names[-1]}", value], standalone_mode=False
        )
    return f"Error: {told.value.format_message()}"


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("names", NAMES, ids=" ".join)
@pytest.mark.parametrize("kind", TYPES)
def test_click_repeats_no_secret(kind: str, names: tuple[str, ...], secret: str) -> None:
    """Whatever the names of the option, its type and the value are."""
    text = refused_by_click(names, TYPES[kind], secret)

    result = result_of(text)

    assert leaks(text.replace("\\", ""), secret.replace("\\", ""))
    assert leaks(result, secret) == []
    assert result.startswith(f"Error: Invalid value for '{names[0]}'")


@pytest.mark.parametrize("names", HARMLESS, ids=" ".join)
def test_click_may_say_what_no_secret_was(names: tuple[str, ...]) -> None:
    """An option whose name holds another word's letters is not named as a secret."""
    text = refused_by_click(names, click.INT, "12x", "MY_VALUE")

    assert result_of(text) == text


def refused_by_argparse(names: tuple[str, ...], value: str, **how: object) -> str:
    """Return how argparse refuses a value."""
    parser = argparse.ArgumentParser(prog="tool")
    parser.add_argument(*names, **how)  # type: ignore[arg-type]
    told = io.StringIO()
    words = [value] if names[0][0] != "-" else [f"{names[-1]}", value]
    with pytest.raises(SystemExit), contextlib.redirect_stderr(told):
        parser.parse_args(words)
    return told.getvalue()


def even(text: str) -> int:
    """Refuse any text, in words of our own."""
    raise argparse.ArgumentTypeError(f"expected an even number, found {text!r}")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("names", [*NAMES, ("password",)], ids=" ".join)
@pytest.mark.parametrize(
    "how",
    [{"type": int}, {"choices": ["one", "two"]}, {"type": argparse.FileType()}, {"type": even}],
    ids=["an integer", "a choice", "a file", "a type of our own"],
)
@pytest.mark.filterwarnings("ignore:FileType is deprecated:PendingDeprecationWarning")
def test_argparse_repeats_no_secret(
    names: tuple[str, ...], how: dict[str, object], secret: str
) -> None:
    """In its own words and in those of a type of the program's."""
    text = refused_by_argparse(names, secret, **how)

    result = result_of(text)

    assert leaks(text.replace("\\", ""), secret)
    assert leaks(result, secret) == []
    assert f"argument {'/'.join(names)}: " in result


@pytest.mark.parametrize(
    "text",
    [
        "argument --password: expected one argument",
        "argument --token: not allowed with argument --count",
        "Option '--password' requires an argument.",
        "Missing option '--password' / '-p'.",
        "argument --count: invalid int value: '12x'",
        "Invalid value for '--count' / '-c': '12x' is not a valid integer.",
        "argument 1 must be str, not int: password",
    ],
)
def test_what_parsers_say_of_an_option_is_kept(text: str) -> None:
    """No value stands in it."""
    assert result_of(text) == text


LOGINS = {
    "vault login hunter2x": "vault login <scrubbed>",
    "$ vault login hunter": "$ vault login <scrubbed>",
    "vault login -no-print s.abcd": "vault login -no-print <scrubbed>",
    "Command '['vault', 'login', 'hunter']' returned 1": (
        "Command '['vault', 'login', '<scrubbed>']' returned 1"
    ),
    "vault login failed: permission denied": "vault login failed: permission denied",
    "please run `vault login` first": "please run `vault login` first",
    "AUTH hunter2x": "AUTH <scrubbed>",
    "b'AUTH hunter\\r\\n'": "b'AUTH <scrubbed>'",
    "> AUTH alicesm hunter": "> AUTH <scrubbed> <scrubbed>",
    "cannot send AUTH hunter2x now": "cannot send AUTH <scrubbed> now",
    "AUTH PLAIN AGFsaWNlAGh1bnRlcjI=": "AUTH PLAIN <scrubbed>",
    "redis-cli -h x.example.com -a hunter ping": "redis-cli -h x.example.com -a <scrubbed> ping",
    "AUTH LOGIN failed: 535 5.7.8": "AUTH LOGIN failed: 535 5.7.8",
    "wrong number of arguments for 'AUTH' command": "wrong number of arguments for 'AUTH' command",
    "Client sent AUTH, but no password is set": "Client sent AUTH, but no password is set",
    "AUTH 535, AUTH TLS, AUTH RSA2048 key": "AUTH 535, AUTH TLS, AUTH RSA2048 key",
}
JDBC = {
    "jdbc:mysql://db.example.com:3306/app?user=alice&password=hun ter2x": (
        "jdbc:mysql://db.example.com:3306/<scrubbed>"
    ),
    "'jdbc:mysql://db.example.com/app?password=hun ter2x&ssl=true' failed": (
        "'jdbc:mysql://db.example.com/<scrubbed>' failed"
    ),
    "jdbc:sqlserver://db.example.com;user=al ice;password=hun ter;encrypt=true": (
        "jdbc:sqlserver://<scrubbed>"
    ),
    "no driver for jdbc:sqlite:app.db today": "no driver for jdbc:sqlite:app.db today",
}
FOLDERS = {
    "open '/home/alice/acme Failing row contains (1)/x.txt'": (
        "open '<scrubbed>Failing row contains (<scrubbed>)"
    ),
    'open /home/alice/acme role "x" does not exist/file.txt': (
        'open <scrubbed>role "<scrubbed>" does not file.txt'
    ),
    "open C:\\Users\\Alice\\acme [line 2]: x\\file.txt": ("open <scrubbed>[line 2]: <scrubbed>"),
    "DETAIL:  Failing row contains (1, a/b, c).": "DETAIL:  Failing row contains (<scrubbed>)",
}


@pytest.mark.parametrize(
    ("text", "expected"), [item for table in (LOGINS, JDBC, FOLDERS) for item in table.items()]
)
def test_what_no_sign_joins_to_a_name_is_found(text: str, expected: str) -> None:
    """Words of a login, blanks in a connection's URL, folders that are called like a report."""
    assert result_of(text) == expected
