"""Secrets that programs take, build and repeat in ways of their own, and names in what they say.

Nothing but the program, the call or the sentence tells them; what stands beside them stays.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from declarant._scrubbing.pipeline import scrubbed

SECRET = "Sommer26"


def kept_of(text: str) -> str:
    """Return what is kept of a text, which is all that is kept of that."""
    result = scrubbed("message", text, 2000, (), ())
    assert scrubbed("message", result, 2000, (), ()) == result
    return result


#: Words of commands; PW is the secret and ME the user.
COMMANDS = (
    *("sqlcmd -U ME -P PW", "/opt/tools/bin/sqlcmd -S tcp:x,1433 -U ME -P PW -Q x"),
    *("sqlcmd.exe -U ME -PPW", "SQLCMD -S x -P PW", "bcp a.dbo.t out t.csv -c -U ME -P PW"),
    *("twine upload -u ME -p PW dist/*", "twine upload -r x -p PW -u ME dist/*"),
    *("ipmitool -I lanplus -H bmc -U ME -P PW power status", "ipmitool -P PW -U ME sol"),
    *("mosquitto_pub -h mq -p 1883 -u ME -P PW -t x", "mosquitto_sub -P PW -u ME -t x"),
    *("unzip -P PW a.zip", "zip -r -P PW a.zip b", "7z x -pPW a.7z", "7za a -mhe -pPW a.7z"),
    *("unrar x -pPW a.rar", "rar a -hpPW a.rar b", "ssh-keygen -t ed25519 -N PW -f id"),
    *("ssh-keygen -p -P PW -N PW -f id", "plink -pw PW host", "ldapsearch -x -w PW -b x"),
    *("snmpwalk -v3 -A PW -X PW host", "keytool -list -storepass PW -keypass PW"),
    *("smbclient -U ME%PW", "smbclient -L x -U corp/ME%PW", "winexe -U ME%PW cmd"),
    *("lftp -u ME,PW ftp.example.com", "sometool -u ME -p PW", "sometool --user ME -p PW --fast"),
    *("sometool -u ME -h x -p PW", "sometool -U ME -d x -W -P PW", "rdesktop -u ME -p PW x"),
)
AROUND = ("{}", "cannot run `{}`", "Command '{}' timed out", 'sh -c "{}" failed with code 1')


def filled(command: str) -> str:
    return command.replace("PW", SECRET).replace("ME", "mdubois")


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("command", COMMANDS)
def test_in_one_line_a_programs_password_goes(command: str, around: str) -> None:
    """With its user; the program, its options and what else it was given stay."""
    result = kept_of(around.format(filled(command)))

    assert SECRET not in result
    assert "mdubois" not in result
    assert result.count("<scrubbed>") == command.count("PW") + command.count("ME") - (
        "%" in command or "ME," in command
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_in_a_list_of_arguments_it_goes(command: str) -> None:
    """As `subprocess` prints it, and as JSON has it."""
    words = filled(command).split(" ")
    error = str(subprocess.CalledProcessError(1, words))

    for text in (error, error.replace("'", '"'), str(tuple(words))):
        result = kept_of(text)

        assert SECRET not in result
        assert "mdubois" not in result


def test_what_subprocess_raises_holds_no_password() -> None:
    """The words of a program that ran and failed."""
    words = [sys.executable, "-c", "raise SystemExit(3)", "sqlcmd", "-U", "mdubois", "-P", SECRET]
    with pytest.raises(subprocess.CalledProcessError) as raised:
        subprocess.run(words, check=True)

    result = kept_of(str(raised.value))

    assert SECRET in str(raised.value)
    assert SECRET not in result
    assert result.endswith("-P', '<scrubbed>']' returned non-zero exit status 3.")


QUOTED = {
    "sqlcmd -U me -P 'two words'": "sqlcmd -U <scrubbed> -P '<scrubbed>'",
    '7z.exe a -p"two words" a.7z': '7z.exe a -p"<scrubbed>" a.7z',
    "['7z', 'a', '-ptwo words', 'a.7z']": "['7z', 'a', '-p<scrubbed>', 'a.7z']",
    "net use Z: \\\\srv\\share Sommer26 /user:ACME\\u": (
        "net use Z: <scrubbed> <scrubbed> /user:<scrubbed>"
    ),
    "net use \\\\srv\\share /user:ACME\\u Sommer26 failed": (
        "net use <scrubbed> /user:<scrubbed> <scrubbed> failed"
    ),
    'NET USE * "\\\\srv\\my share" Sommer26 /USER:u /persistent:no': (
        'NET USE * "<scrubbed>" <scrubbed> /USER:<scrubbed> /persistent:no'
    ),
    str(["net", "use", "Z:", r"\\srv\share", "Sommer26", r"/user:ACME\u"]): (
        "['net', 'use', 'Z:', '<scrubbed>', '<scrubbed>', '/user:<scrubbed>']"
    ),
    str(["net", "use", r"\\srv\share", r"/user:ACME\u", "Sommer26"]): (
        "['net', 'use', '<scrubbed>', '/user:<scrubbed>', '<scrubbed>']"
    ),
    "echo Sommer26 | docker login -u me --password-stdin": (
        "echo <scrubbed> | docker login -u <scrubbed> --password-stdin"
    ),
    "echo -n 'two words' | docker login --password-stdin x": (
        "echo -n <scrubbed> | docker login --password-stdin x"
    ),
    "printf '%s' \"Sommer26\" | gh auth login --with-token": (
        "printf <scrubbed> | gh auth login --with-token"
    ),
    'sh -c "echo Sommer26 | sudo -S ls" failed': 'sh -c "echo <scrubbed> | sudo -S ls" failed',
    "echo me:Sommer26 | chpasswd": "echo <scrubbed> | chpasswd",
    "docker login -u me --password-stdin <<< Sommer26": (
        "docker login -u <scrubbed> --password-stdin <<< <scrubbed>"
    ),
}
CALLS = {
    "auth=HTTPBasicAuth('brahms', 'Sommer26')": "auth=<scrubbed>",
    "get(url, auth=HTTPBasicAuth('brahms', 'Sommer26'), timeout=3) failed": (
        "get(url, auth=<scrubbed>, timeout=3) failed"
    ),
    "session.auth = requests.auth.HTTPDigestAuth('brahms', 'x')": "session.auth = <scrubbed>",
    "auth: HTTPBasicAuth('brahms', 'Sommer26')": "auth: <scrubbed>",
    "'auth': BasicAuth(login='brahms', password='Sommer26', encoding='latin1')": (
        "'auth': <scrubbed>"
    ),
    "auth=HTTPBasicAuth('brahms', 'Somm": "auth=<scrubbed>",
    "credential=ClientSecretCredential('t', 'c', 'Sommer26')": "credential=<scrubbed>",
    "credential = ClientSecretCredential(\n  't',\n  'Sommer26'\n) is bad": (
        "credential = <scrubbed> is bad"
    ),
    "credentials: UsernamePasswordCredential('c', 'brahms', 'x')": "credentials: <scrubbed>",
    "secret=Wrapped(Inner('x', ('a', 'Sommer26')), 3) is bad": "secret=<scrubbed> is bad",
    "AzureNamedKeyCredential('n', 'Sommer26')": "AzureNamedKeyCredential(<scrubbed>)",
    "ApiKey(value='Sommer26')": "ApiKey(value='<scrubbed>')",
    "<ApiKey(id=1, value='Sommer26')>": "<ApiKey(id=1, value='<scrubbed>')>",
    "SecretStr('Sommer26')": "SecretStr(<scrubbed>)",
    'Password("Sommer26")': "Password(<scrubbed>)",
    "{'auth': ['brahms', 'Sommer26']}": "{'auth': [<scrubbed>]}",
    '"http_auth": ["brahms","Sommer26"], "x": 1': '"http_auth": [<scrubbed>], "x": 1',
    "auth=['brahms', 'Sommer26']": "auth=[<scrubbed>]",
}
USERS = {
    "passwd: user 'mdubois' does not exist": "passwd: user '<scrubbed>' does not exist",
    "passwd: user mdubois does not exist": "passwd: user <scrubbed> does not exist",
    "passwd: You may not change password information for mdubois.": (
        "passwd: You may not change password information for <scrubbed>."
    ),
    "sudo: mdubois is not in the sudoers file": "sudo: <scrubbed> is not in the sudoers file",
    "mdubois is not in the sudoers file.  This": "<scrubbed> is not in the sudoers file.  This",
    "sudo: unknown user: mdubois": "sudo: unknown user: <scrubbed>",
    "su: Unknown id: mdubois": "su: Unknown id: <scrubbed>",
    "user mdubois is not allowed to execute '/bin/ls' as root on zeus.": (
        "user <scrubbed> is not allowed to execute 'ls' as root on <scrubbed>."
    ),
    "id: 'mdubois': no such user": "id: '<scrubbed>': no such user",
    "id: \u2018mdubois\u2019: no such user": "id: \u2018<scrubbed>\u2019: no such user",
    "id: mdubois: no such user": "id: <scrubbed>: no such user",
    "No such user: mdubois": "No such user: <scrubbed>",
    "su: user mdubois does not exist": "su: user <scrubbed> does not exist",
    "KeyError: \"getpwnam(): name not found: 'mdubois'\"": (
        "KeyError: \"getpwnam(): name not found: '<scrubbed>'\""
    ),
}
HOSTS = {
    'connection to server at "db.acme.internal" (10.0.0.1), port 5432 failed': (
        'connection to server at "<scrubbed>" (<scrubbed>), port 5432 failed'
    ),
    'connection to server at "db01", port 5432 failed': (
        'connection to server at "<scrubbed>", port 5432 failed'
    ),
    "cannot reach 'nas.home' now": "cannot reach '<scrubbed>' now",
    'connected to "printer.local"': 'connected to "<scrubbed>"',
    "listening at 'db.acme.internal:8080'": "listening at '<scrubbed>:8080'",
    'at "db.acme.internal" (port 5)': 'at "<scrubbed>" (port 5)',
}
NAMED = {
    "secret_key_base: Sommer26": "secret_key_base: <scrubbed>",
    "SECRET_KEY_BASE=Sommer26": "SECRET_KEY_BASE=<scrubbed>",
    "'secret_key_base': 'Sommer26'": "'secret_key_base': '<scrubbed>'",
    "db.example.com:5432:app:brahms:Sommer26": "db.example.com:5432:app:<scrubbed>:<scrubbed>",
    'bad line "db.acme.internal:5432:app:brahms:Sommer26"': (
        'bad line "<scrubbed>:5432:app:<scrubbed>:<scrubbed>"'
    ),
    "db:15432:app:brahms:Sommer26": "<scrubbed>:15432:app:<scrubbed>:<scrubbed>",
    "db.example.com:5433:app:brahms:swordfish": "db.example.com:5433:app:<scrubbed>:<scrubbed>",
    "*:*:*:brahms:Sommer26": "*:*:*:<scrubbed>:<scrubbed>",
    "localhost:5432:*:brahms:Sommer26": "localhost:5432:*:<scrubbed>:<scrubbed>",
    "DeviceId=8c2f1a": "DeviceId=<scrubbed>",
    '"deviceId": "b7c1d2e3"': '"deviceId": "<scrubbed>"',
    "device-id: 123456789": "device-id: <scrubbed>",
    "x=1;DeviceId=kitchen;y=2": "x=1;DeviceId=<scrubbed>;y=2",
    "pin=1234567": "pin=<scrubbed>",
    '{"pin": "123456"}': '{"pin": "<scrubbed>"}',
    "user_pin: 12345678": "user_pin: <scrubbed>",
    "tool --pin 1234567": "tool --pin <scrubbed>",
    "['tool', '--pin', '1234567']": "['tool', '--pin', '<scrubbed>']",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [item for table in (QUOTED, CALLS, USERS, HOSTS, NAMED) for item in table.items()],
)
def test_what_is_kept(text: str, expected: str) -> None:
    """Of this very text."""
    assert kept_of(text) == expected


BENIGN = (
    # short options of other programs, and of these without a password
    *("tool -p 8080", "docker run -p 80:80 x", "docker run -u 1000 -p 8080:80 x", "cp -p a b"),
    *("mkdir -p a/b", "sudo -u alice mkdir -p models", "sudo -u postgres psql -p 5432"),
    *("python -u train.py -p fp16", "python -u -m pkg -p int8", "git log -u -p --stat"),
    *("patch -u -p1", "journalctl -u nginx -p err", "gcc -U NDEBUG -P foo.c", "xargs -P 4 -n 1"),
    *("tool -u 4 -p 8080", "tool -u https -p a/b", "rsync -u src dst -p", "scp -P 22 a b"),
    *("zip -r out.zip dir -x '*.pyc'", "unzip -o a.zip -d out", "7z x a.7z -oout -y", "7z x -p a"),
    *("ssh-keygen -t rsa -b 4096 -f key", "ssh-keygen -p -f key", "mosquitto_pub -p 1883 -t x"),
    *("ipmitool -p 623 power status", "usage: sqlcmd -U <user> -P <password>"),
    *("net use failed: system error 5", "the net use of memory is 5 GB"),
    *("echo hello | grep h", "echo $TOKEN | docker login --password-stdin"),
    *('echo "$(cat x)" | sudo -S ls', "cat pw.txt | docker login --password-stdin"),
    *("echo 'a | b'; cat x | y --password-stdin", "pip install -U torch -p python3"),
    # calls and lists
    *("AuthError('too many requests')", "InvalidPassword('must be longer')", "KeyError('name')"),
    *("Password(min_length=8)", "SecretStr('**********')", "Secret(name='db')", "auth = None"),
    *("Credentials('the file has no credentials in it')", "PrimaryKey('id')", "auth=[1, 2]"),
    *("auth: ['none', 'basic']", '"auth": ["basic", "digest"]', "signature: func('a', 1)"),
    # sentences
    *("passwd: permission denied", "passwd: password unchanged", "id: no such user"),
    *("unknown id: conv7", "registry:5000:app:web:latest"),
    *("passwd: Authentication token manipulation error", "no such user or group"),
    *("the user is not in the sudoers file", "'x' is not allowed to run in a thread"),
    *("host 'example.com' refused", 'server at "example.com", port 443 failed'),
    *("at 'threading.local'", 'error at "torch.internal"', "at 'localhost'"),
    *("train.py:120:main:INFO:starting", "root:1200:main:INFO:starting now", "12:30:45:123:456"),
    *(
        "main.c:12:5:error:oops",
        "worker:1234:main:thread:stopped",
        "2001:5432:db:ab:cdef",
        "std::vector<int>::at::x::y",
    ),
    *("device_id=0", "device_id=GPU.0", "device_id='cuda:0'", "DeviceId=0x7d55", "device_id=7d55"),
    *("deviceId: NPU", "device identifier is missing", "pin=12", "pin_memory=True"),
    *("opinion=12345", "pin 1234 is an output", "spin: 12345"),
)
#: What "user" is part of, and no name.
OF_USERS = (
    *("interaction", "input", "defined", "code", "mode", "data", "name", "authentication"),
    *("credentials", "home", "store", "settings", "permissions", "event", "scope", "token", "home"),
)


@pytest.mark.parametrize("text", BENIGN)
def test_what_only_looks_like_it_is_kept(text: str) -> None:
    """Ports, paths, errors, lists of ways to log in, places in code, kinds of devices."""
    assert kept_of(text) == text


@pytest.mark.parametrize("what", OF_USERS)
@pytest.mark.parametrize(
    "around", ["user {} is required", "user {} was not found", "waits for user {}", "User {} has"]
)
def test_what_a_user_has_is_no_user(around: str, what: str) -> None:
    """In the place where a name stands otherwise."""
    assert kept_of(around.format(what)) == around.format(what)


def test_beside_what_a_user_has_a_name_is_one() -> None:
    """The place is still one for names."""
    assert kept_of("user interactor7 is required") == "user <scrubbed> is required"
