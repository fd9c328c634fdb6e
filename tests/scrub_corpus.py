"""A fixed corpus for the scrubbers: secrets planted in messages, and messages without any.

Deterministic: the same cases on every machine and interpreter. `benchmarks/scrub.py` reports recall
and what is kept by class; `tests/runtime/test_scrub_corpus.py` holds the floors.
"""

from __future__ import annotations

import base64
import json
import random
import string
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED = 20261122
#: Shortest part of a secret that tells something of it.
FRAGMENT = 4

BENIGN = (Path(__file__).parent / "data" / "scrub" / "benign.txt").read_text("utf-8").splitlines()


@dataclass(frozen=True)
class Planted:
    """A text, the secrets in it, and the text around them, which tells nothing."""

    kind: str
    text: str
    secrets: tuple[str, ...]
    around: str

    def leaks(self, result: str) -> list[str]:
        """Return the parts of the secrets that *result* still holds."""
        held = result.replace("<scrubbed>", "").casefold()
        return [
            part
            for secret in self.secrets
            for part in fragments(secret)
            if part in held and part not in self.around.casefold()
        ]


def fragments(secret: str) -> Iterator[str]:
    """Yield every part of a secret that tells something of it; all of a short one."""
    folded = secret.casefold()
    if len(folded) < FRAGMENT:
        yield folded
    for at in range(len(folded) - FRAGMENT + 1):
        part = folded[at : at + FRAGMENT]
        if sum(map(str.isalnum, part)) >= FRAGMENT - 1:
            yield part


# ---- who and what is planted

USERS = (
    *("alice", "Alice", "bob.miller", "Alice Smith", "O'Brien", "jürgen.müller", "maria-josé"),
    *("Владимир", "张伟", "xavier", "nancy", "robert", "ümit", "JDOE42", "d'Artagnan", "Zoë Quinn"),
    *("admin_eva", "t-rahman", "Van der Berg", "ngoc.nguyen"),
)
FOLDERS = (
    *("Acme Merger", "Kunden 2026", "secret-project", "Patient Records", "résumés", "naïve.bayes"),
    *("Project X (old)", "notes", "new_clients", "taxes", "R&D", "100% private", "über uns", "#2"),
)
FILES = ("model.onnx", "x y.onnx", "config.json", "weights", "build.py", "data.v2.csv")


def windows_path(rng: random.Random) -> tuple[str, tuple[str, ...], str]:
    """Return a path, its secrets, and the name that may stay."""
    user, folders, file = rng.choice(USERS), rng.sample(FOLDERS, rng.randint(1, 2)), _file(rng)
    drive = rng.choice("CDe")
    return "\\".join((f"{drive}:", "Users", user, *folders, file)), (user, *folders), file


def forward_windows_path(rng: random.Random) -> tuple[str, tuple[str, ...], str]:
    path, secrets, file = windows_path(rng)
    return path.replace("\\", "/"), secrets, file


def unc_path(rng: random.Random) -> tuple[str, tuple[str, ...], str]:
    server, user = rng.choice(("fileserver01", "nas-müller", "corp.example.local")), _user(rng)
    folders, file = rng.sample(FOLDERS, rng.randint(1, 2)), _file(rng)
    path = "\\".join(("\\", server, f"{user}$", *folders, file))
    return path, (server, user, *folders), file


def posix_path(rng: random.Random) -> tuple[str, tuple[str, ...], str]:
    user, folders, file = _user(rng), rng.sample(FOLDERS, rng.randint(1, 2)), _file(rng)
    home = rng.choice(("/home", "/Users", "/mnt/c/Users", "/export/home", "/Volumes/Disk/Users"))
    return "/".join((home, user, *folders, file)), (user, *folders), file


def home_path(rng: random.Random) -> tuple[str, tuple[str, ...], str]:
    folders, file = rng.sample(FOLDERS, rng.randint(1, 2)), _file(rng)
    start = rng.choice(("~", "~alice", "$HOME", "%USERPROFILE%", "$env:USERPROFILE"))
    separator = "\\" if start[0] == "%" or "env" in start else "/"
    return (
        separator.join((start, *folders, file)),
        (*folders, *(("alice",) * ("alice" in start))),
        file,
    )


def only_home(rng: random.Random) -> tuple[str, tuple[str, ...], str]:
    user = rng.choice([name for name in USERS if name[0].isupper() or " " not in name])
    start = rng.choice(
        ("C:\\Users\\", "/home/", "/Users/", "C:/Users/", "D:\\Documents and Settings\\")
    )
    return start + user + rng.choice(("", start[-1])), (user,), ""


def _user(rng: random.Random) -> str:
    return rng.choice(USERS)


def _file(rng: random.Random) -> str:
    return rng.choice(FILES)


PATHS: dict[str, Callable[[random.Random], tuple[str, tuple[str, ...], str]]] = {
    "windows": windows_path,
    "forward": forward_windows_path,
    "unc": unc_path,
    "posix": posix_path,
    "home": home_path,
    "only home": only_home,
}


def percent(path: str) -> str:
    """Encode as URLs do, in UTF-8."""
    kept = string.ascii_letters + string.digits + "-._~"
    return "".join(
        char if char in kept else "".join(f"%{byte:02X}" for byte in char.encode()) for char in path
    )


def file_uri(path: str) -> str:
    """Write a path as a file URL."""
    forward = path.replace("\\", "/")
    lead = "file:" if forward[:2] == "//" else "file://" if forward[:1] == "/" else "file:///"
    return lead + "/".join(
        part if part.endswith(":") else percent(part) for part in forward.split("/")
    )


QUOTINGS: dict[str, Callable[[str], str]] = {
    "bare": str,
    "single": lambda path: f"'{path}'",
    "double": lambda path: f'"{path}"',
    "backtick": lambda path: f"`{path}`",
    "curly": lambda path: f"\u201c{path}\u201d",
    "repr": repr,
    "repr of repr": lambda path: repr(repr(path)),
    "repr of bytes": lambda path: repr(path.encode()),
    "doubled": lambda path: path.replace("\\", "\\\\"),
    "json": lambda path: json.dumps({"path": path}, ensure_ascii=False),
    "parentheses": lambda path: f"({path})",
    "brackets": lambda path: f"[{path}]",
    "angle": lambda path: f"<{path}>",
    "option": lambda path: f"--model={path}",
    "argument list": lambda path: repr(["tool", "--in", path, "-v"]),
    "percent": percent,
    "file": file_uri,
}
#: Quotings of which only text in ASCII can be read as what it was.
ENCODED = ("percent", "file")

AROUND = (
    *("{}", "cannot open {}", "[Errno 2] No such file or directory: {}", "{}: permission denied"),
    *(
        "failed to load {} because the graph is broken",
        "see {}.",
        "bad model {}, node 5",
        "at {}:12:5",
    ),
    *(
        "FileNotFoundError: {}\nTraceback (most recent call last):",
        "copied {} to the output",
        "({})",
    ),
    *(
        "ValueError('cannot read {}')",
        "first line\n{}\nlast line",
        "path={}, device='npu'",
        "in {}!",
    ),
    *(
        "1.18.0 could not read {} (error 5)",
        "Error: {} not found; check the name",
    ),
)


def planted_paths(count: int, rng: random.Random) -> Iterator[Planted]:
    """Yield paths of users in every quoting and surrounding."""
    for _ in range(count):
        for kind, make in PATHS.items():
            for quoting, quote in QUOTINGS.items():
                path, secrets, file = make(rng)
                around = rng.choice(AROUND)
                text = around.format(quote(path))
                encoded = tuple(map(percent, secrets)) if quoting in ENCODED else ()
                as_bytes = tuple(repr(name.encode())[2:-1] for name in secrets)
                yield Planted(
                    f"path: {kind}, {quoting}",
                    text,
                    (*secrets, *encoded, *as_bytes),
                    around
                    + around.format(file)
                    + quote(file)
                    + "pathUsersmodel=--model=toolHOMEUSERPROFILE",
                )


# ---- credentials

LETTERS = string.ascii_letters + string.digits


def drawn(rng: random.Random, length: int, alphabet: str = LETTERS) -> str:
    return "".join(rng.choice(alphabet) for _ in range(length))


def password(rng: random.Random) -> str:
    """Return a password as people choose them; each is told by what stands beside it."""
    chosen = ("hunter2", "correcthorse", "P@ssw0rd!", "Sommer2026!", "tr0ub4dor&3", "letmein")
    return rng.choice((*chosen, drawn(rng, 12), drawn(rng, 20, LETTERS + "!$%*+-_~")))


CREDENTIALS: dict[str, tuple[str, ...]] = {
    "url": (
        "https://{user}:{url_password}@example.com/x",
        "postgresql://{user}:{url_password}@db:5432/app",
        "redis://:{url_password}@cache.example.com:6379/0",
        "ftp://{user}:{url_password}@10.0.0.1",
        "git+https://{token}@github.com/org/name.git",
        "http://{token}:x-oauth-basic@github.com/",
        "https://{user}@example.com:8443/",
        "amqp://{user}:{url_password}@mq.local//",
    ),
    "query": (
        "https://example.com/a?sig={url_token}&se=2026",
        "GET /api?access_token={token} HTTP/1.1",
        "url: /v1/x?key={token}",
        "https://host.example.com/cb#id_token={token}",
        "callback?code={token}&state={url_token}",
        "https://a.blob.core.windows.net/c/f?sv=1&sig={url_token}",
    ),
    "connection string": (
        "Server=tcp:db.example.com,1433;Database=x;User ID={user};Password={password};Encrypt=True",
        "AccountName=n;AccountKey={base64};EndpointSuffix=core.windows.net",
        "Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=R;SharedAccessKey={base64}",
        "host=db user={user} password={url_password} dbname=x",
        "Driver={{ODBC}};UID={user};PWD={password};",
        "Data Source=db;Initial Catalog=x;Integrated Security=false;Pwd={password}",
    ),
    "header": (
        "Authorization: Bearer {token}",
        "Authorization: Basic {basic}",
        "{{'Authorization': 'token {token}'}}",
        "headers={{'X-Api-Key': '{token}'}}",
        "Cookie: session={token}; theme=dark",
        "x-amz-security-token: {base64}",
        "Proxy-Authorization: Basic {basic}",
        "('Authorization', 'Bearer {token}')",
        "Bearer {token}",
        "curl -H 'Authorization: Bearer {token}' x",
        "b'authorization: Basic {basic}\\r\\n'",
        "Ocp-Apim-Subscription-Key: {hex}",
        "Private-Token: {token}",
        "Set-Cookie: sid={token}; Path=/",
    ),
    "value": (
        "password={url_password}",
        "password: {url_password}",
        '{{"password": {json_password}}}',
        "{{'token': '{token}'}}",
        "API_KEY={token}",
        "HF_TOKEN={token}",
        "AWS_SECRET_ACCESS_KEY={base64}",
        "client_secret='{token}'",
        "--password {url_password}",
        "--api-key={token}",
        "Login(user='x', passwd='{quoted_password}')",
        "['curl', '-u', '{user}:{quoted_password}', 'x']",
        "the password is '{quoted_password}'",
        'apiKey: "{token}"',
        '<add key="Password" value="x" password="{quoted_password}"/>',
        "secret => {token}",
        "PASSWORD='{quoted_password}'",
        "['tool', '--token', '{token}']",
        "auth=('{user}', '{quoted_password}')",
        '{{\\"password\\": \\"{quoted_password}\\"}}',
        "docker login -u x -p {url_password} registry.example.com",
        "mysql -u root -p{url_password} -h db",
    ),
    "header with parameters": (
        'Authorization: Digest username="{user}", realm="x", response="{hex}"',
        'curl -H \'Authorization: Digest username="{user}", response="{hex}"\'',
        "{{'Authorization': 'Digest username=\"{user}\", response=\"{hex}\"'}}",
        'Authorization: OAuth oauth_consumer_key="{token}", oauth_signature="{url_token}"',
        'Cookie: sid="{token}"; theme="dark"',
    ),
    "list": (
        "passwords:\n  - {token}\n  - {hex}\nlevel: 3",
        "password:\n  value: {token}\n  old: {hex}\nlevel: 3",
        '"passwords": [\n  "{token}",\n  {json_password}\n]',
        "passwords: {token}, {hex}",
        "secret = (\n  '{token}'\n  '{hex}'\n)",
        "{{'password': {{'value': '{token}', 'old': ['{hex}']}}}}",
        "password:\n\n{token}",
        "password:\u2028{token}",
        "Username\nx\nPassword\n{token}",
    ),
    "record": (
        '{{"name": "password", "value": {json_password}}}',
        '{{"value": {json_password}, "name": "password"}}',
        "- name: DB_PASSWORD\n  value: {token}",
        '<add key="Password" value="{quoted_token}"/>',
        '<input type="password" name="pw" value="{quoted_token}">',
        "<password>{url_password}</password>",
        "<db:password>\n  {token}\n</db:password>",
    ),
    "encoded pair": (
        "password%3D{url_token}%26level%3D3",
        "https%3A%2F%2Fx%2F%3Fpassword%3D{token}",
        "password&#61;{token}",
        "&quot;password&quot;:&quot;{token}&quot;,",
        "%22password%22%3A%22{url_token}%22",
        "password\\u003d{token}",
    ),
    "quoted thrice": ("password='''{token}'''", 'password="""{token}"""'),
    "sentence": (
        "pass phrase: {token}",
        "password\u202fis: {token}",
        "API key {token} is invalid",
        "machine x login {user} password {token}",
        "{user}/{token}@db.example.com:1521/x",
    ),
    "refused argument": (
        "argument --password: invalid int value: '{quoted_password}'",
        "argument -k/--api-key: invalid choice: '{token}' (choose from 'a', 'b')",
        "Invalid value for '--password' / '-p': '{quoted_password}' is not a valid integer.",
        "Invalid value for '--token' (env var: 'X'): '{token}' is not one of 'a', 'b'.",
    ),
    "word of a login": (
        "vault login {token}",
        "AUTH {token}",
        "redis-cli -h x -a {url_password} ping",
        "jdbc:sqlserver://db.example.com;user={user};password={token} {hex};encrypt=true",
        "db.example.com:5432:app:{user}:{plain_token}",
    ),
    "option of a program": (
        "sqlcmd -S db.example.com -U {user} -P {url_password}",
        "['sqlcmd', '-U', '{user}', '-P', '{quoted_token}']",
        "twine upload -u {user} -p {url_password} dist/x",
        "ipmitool -I lanplus -U {user} -P {url_password} power status",
        "mosquitto_pub -u {user} -P {url_password} -t x",
        "unzip -P {url_password} a.zip",
        "7z x -p{url_password} a.7z",
        "ssh-keygen -t ed25519 -N {url_password} -f id",
        "smbclient -U {user}%{url_password} -L x",
        "lftp -u {user},{url_password} ftp.example.com",
        "tool -u {user} -h x -p {plain_token}",
        "net use Z: \\\\s\\x {plain_token} /user:{user}",
        "echo {plain_token} | docker login --password-stdin",
    ),
    "call": (
        "auth=HTTPBasicAuth('{user}', '{quoted_token}')",
        "credential=ClientSecretCredential('x', 'y', '{quoted_token}')",
        "ApiKey(value='{quoted_token}')",
        "SecretStr('{quoted_token}')",
        "{{'auth': ['{user}', '{quoted_token}']}}",
    ),
}


def planted_credentials(count: int, rng: random.Random) -> Iterator[Planted]:
    """Yield credentials in URLs, headers and the like; the word beside them says what they are."""
    for _ in range(count):
        for kind, forms in CREDENTIALS.items():
            for form in forms:
                values = _credential_values(rng)
                used = tuple(value for name, value in values.items() if f"{{{name}}}" in form)
                around = rng.choice(AROUND)
                text = around.format(form.format(**values))
                yield Planted(f"credential: {kind}", text, used, around + form)


def _credential_values(rng: random.Random) -> dict[str, str]:
    chosen = password(rng)
    plain = chosen.replace("@", "a").replace("&", "n").replace("%", "p").replace(";", "s")
    user = rng.choice(("alice", "bob.miller", "svc-build"))
    return {
        "user": user,
        "password": chosen.replace(";", "s"),
        "quoted_password": chosen,
        "quoted_token": drawn(rng, 16) + "7",
        "plain_token": drawn(rng, 11) + "7",
        "json_password": json.dumps(chosen),
        "url_password": plain,
        "token": drawn(rng, rng.choice((16, 24, 32, 40))) + "7",
        "url_token": percent(base64.b64encode(rng.randbytes(32)).decode()),
        "hex": rng.randbytes(16).hex(),
        "base64": base64.b64encode(rng.randbytes(rng.choice((24, 32, 64)))).decode(),
        "basic": base64.b64encode(f"{user}:{chosen}".encode()).decode(),
    }


# ---- tokens by their form

HEX, UPPER = "0123456789abcdef", string.ascii_uppercase + string.digits
URL_SAFE = LETTERS + "-_"


def tokens(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield a token of each family."""
    for prefix in ("AKIA", "ASIA"):
        yield "cloud", prefix + drawn(rng, 16, UPPER)
    yield "random", drawn(rng, 40, LETTERS + "/+")
    yield "cloud", "AIza" + drawn(rng, 35, URL_SAFE)
    yield "cloud", "ya29." + drawn(rng, 60, URL_SAFE)
    yield "cloud", "GOCSPX-" + drawn(rng, 28, URL_SAFE)
    yield "cloud", f"{drawn(rng, 3)}{rng.randint(0, 9)}Q~{drawn(rng, 34, URL_SAFE + '.~')}"
    yield "random", base64.b64encode(rng.randbytes(64)).decode()
    yield "cloud", "dop_v1_" + drawn(rng, 64, HEX)
    yield "cloud", "dapi" + drawn(rng, 32, HEX)
    yield "cloud", "hvs." + drawn(rng, 24, URL_SAFE) + "4"
    yield "cloud", "glsa_" + drawn(rng, 32) + "_" + drawn(rng, 8, HEX)
    for prefix in ("ghp_", "gho_", "ghs_", "ghu_", "ghr_"):
        yield "git", prefix + drawn(rng, 36)
    yield "git", "github_pat_" + drawn(rng, 22) + "_" + drawn(rng, 59)
    yield "git", "glpat-" + drawn(rng, 20, URL_SAFE)
    yield "git", "ATBB" + drawn(rng, 32)
    yield "git", "ATATT3xFfGF0" + drawn(rng, 60, URL_SAFE) + "=" + drawn(rng, 8, HEX)
    yield "hub", "hf_" + drawn(rng, 34)
    yield "hub", "sk-" + drawn(rng, 48)
    yield "hub", "sk-proj-" + drawn(rng, 80, URL_SAFE)
    yield "hub", "sk-ant-api03-" + drawn(rng, 93, URL_SAFE) + "AA"
    yield "hub", "r8_" + drawn(rng, 37)
    yield "hub", "gsk_" + drawn(rng, 52)
    yield "hub", "nvapi-" + drawn(rng, 64, URL_SAFE)
    yield "random", drawn(rng, 40, HEX)
    yield "registry", "npm_" + drawn(rng, 36)
    yield "registry", "pypi-AgEIcHlwaS5vcmc" + drawn(rng, 80, URL_SAFE)
    yield "registry", "rubygems_" + drawn(rng, 48, HEX)
    yield "registry", "cio" + drawn(rng, 32)
    yield "registry", "oy2" + drawn(rng, 43, string.ascii_lowercase + string.digits)
    yield "registry", "dckr_pat_" + drawn(rng, 27, URL_SAFE)
    yield (
        "chat",
        f"xoxb-{rng.randint(10**11, 10**12)}-{rng.randint(10**11, 10**12)}-{drawn(rng, 24)}",
    )
    yield "chat", f"{rng.randint(10**8, 10**9)}:AA{drawn(rng, 33, URL_SAFE)}"
    yield "random", f"M{drawn(rng, 23)}.{drawn(rng, 6)}.{drawn(rng, 27)}"
    yield "chat", "SG." + drawn(rng, 22, URL_SAFE) + "." + drawn(rng, 43, URL_SAFE)
    yield "chat", "SK" + drawn(rng, 32, HEX)
    for prefix in ("sk_live_", "rk_test_", "pk_live_"):
        yield "payment", prefix + drawn(rng, 24)
    yield "payment", "whsec_" + drawn(rng, 32)
    yield "payment", "sq0atp-" + drawn(rng, 22, URL_SAFE)
    yield "payment", "shpat_" + drawn(rng, 32, HEX)
    parts = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (
        b'{"alg":"HS256","typ":"JWT"}', json.dumps({"sub": drawn(rng, 10), "iat": 1}).encode(),
        rng.randbytes(32),
    )]  # fmt: skip
    yield "jwt", ".".join(parts)
    for size in (20, 24, 32, 40, 64):
        yield "random", drawn(rng, size)
        yield "random", drawn(rng, size, URL_SAFE)
    key = base64.b64encode(rng.randbytes(96)).decode()
    lines = "\n".join(key[at : at + 64] for at in range(0, len(key), 64))
    for name in ("RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "CERTIFICATE"):
        yield "pem", f"-----BEGIN {name}-----\n{lines}\n-----END {name}-----"
    yield "pem", f"-----BEGIN PRIVATE KEY-----\\n{key[:64]}\\n{key[64:]}"


def planted_tokens(count: int, rng: random.Random) -> Iterator[Planted]:
    """Yield tokens that nothing but their own form tells."""
    forms = ("{}", "'{}'", '"{}"', "({})", "<{}>", "x={}", "[{}]", "https://example.com/{}", "a/{}")
    for _ in range(count):
        for kind, token in tokens(rng):
            around, form = rng.choice(AROUND), rng.choice(forms[:7] if kind == "pem" else forms)
            text = around.format(form.format(token))
            yield Planted(
                f"token: {kind}", text, (token,), around + form + "-----BEGIN PRIVATE KEY"
            )


# ---- people and machines


def luhn(rng: random.Random, prefix: str, length: int) -> str:
    """Return a card's number with the right last digit."""
    digits = prefix + drawn(rng, length - len(prefix) - 1, string.digits)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def personal(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield what tells of a person or a machine by its form alone."""
    host = rng.choice(("example.com", "mail.example.co.uk", "bücher.example", "corp.internal"))
    for user in ("alice", "bob.miller", "jürgen", "o'brien", "x+tag", "иван", "张伟", "first_last"):
        yield "e-mail", f"{user}@{host}"
    yield "e-mail", '"john doe"@example.com'
    yield "e-mail", "alice%40example.com"
    yield "user@host", rng.choice(("alice@build-server", "bob@laptop", "alice@10.1.2.3"))
    octets = [str(rng.randint(0, 255)) for _ in range(4)]
    yield "IPv4", ".".join(octets)
    groups = [f"{rng.randint(0, 65535):x}" for _ in range(8)]
    yield "IPv6", ":".join(groups)
    yield "IPv6", f"2001:db8::{rng.randint(1, 65535):x}"
    yield "IPv6", f"fe80::{groups[0]}:{groups[1]}%eth0"
    yield "IPv6", f"::ffff:{'.'.join(octets)}"
    pairs = [f"{rng.randint(0, 255):02x}" for _ in range(6)]
    yield "MAC", ":".join(pairs)
    yield "MAC", "-".join(pairs).upper()
    raw = rng.randbytes(16).hex()
    guid = "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))
    yield "GUID", rng.choice((guid, guid.upper(), f"{{{guid}}}"))
    yield "phone", f"+49 {rng.randint(100, 999)} {rng.randint(10**6, 10**7)}"
    yield "phone", f"+1 ({rng.randint(200, 999)}) {rng.randint(200, 999)}-{rng.randint(1000, 9999)}"
    yield "phone", f"{rng.randint(200, 999)}-{rng.randint(200, 999)}-{rng.randint(1000, 9999)}"
    card = luhn(rng, rng.choice(("4", "51", "2221", "6011")), 16)
    yield "card", card
    yield "card", " ".join(card[at : at + 4] for at in range(0, 16, 4))
    yield "card", "-".join(card[at : at + 4] for at in range(0, 16, 4))
    amex = luhn(rng, "37", 15)
    yield "card", f"{amex[:4]} {amex[4:10]} {amex[10:]}"


SPOKEN = (
    *(
        "user={}",
        "user: {}",
        "User '{}'",
        'user "{}" does not exist',
        "username={}",
        "logged in as {}",
    ),
    *('password authentication failed for user "{}"', "Access denied for user '{}'@'x'", "USER={}"),
    *(
        "'user': '{}'",
        '"userName": "{}"',
        "invalid user {} from x",
        "CORP\\{}",
        "login: {}",
        "owner={}",
    ),
)
SPOKEN_HOSTS = (
    *(
        "hostname: {}",
        "hostname={}",
        "HOSTNAME={}",
        "COMPUTERNAME={}",
        "machine name: {}",
        "{}.local",
    ),
    *("unknown host {}", "could not resolve host: {}", "HTTPSConnectionPool(host='{}', port=443)"),
    *("'hostname': '{}'", "computer name '{}'", "http://{}:8080/x", "\\\\{}\\share"),
)


def planted_personal(count: int, rng: random.Random) -> Iterator[Planted]:
    """Yield people and machines."""
    forms = ("{}", "'{}'", '"{}"', "({})", "<{}>", "x={}", "[{}]", "to {}:")
    for _ in range(count):
        for kind, value in personal(rng):
            around, form = rng.choice(AROUND), rng.choice(forms)
            text = around.format(form.format(value))
            yield Planted(f"personal: {kind}", text, (value,), around + form + "eth0")
        for form in SPOKEN:
            user = rng.choice(("alice", "bob.miller", "jürgen", "t-rahman", "nancy", "svc_build7"))
            around = rng.choice(AROUND)
            yield Planted(
                "personal: user", around.format(form.format(user)), (user,), around + form
            )
        for form in SPOKEN_HOSTS:
            host = rng.choice(("alice-laptop", "DESKTOP-AB12CD3", "buildbox07", "nas-müller"))
            around = rng.choice(AROUND)
            text = around.format(form.format(host))
            yield Planted("personal: machine", text, (host,), around + form)


def planted(count: int = 3, seed: int = SEED) -> list[Planted]:
    """Return the corpus of planted secrets."""
    rng = random.Random(seed)
    makers = (planted_paths, planted_credentials, planted_tokens, planted_personal)
    return [case for make in makers for case in make(count, rng)]
