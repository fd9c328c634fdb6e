"""Names that say personal data: found in every spelling, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import declarant_codegen
from declarant_codegen import load_catalogue
from declarant_codegen.meta_files import meta_files
from declarant_codegen.sensitive_names import check_name, meaning_of
from declarant_codegen.sensitivity import SENSITIVITIES

LIST = json.loads(
    Path(declarant_codegen.__file__).with_name("sensitive_names.json").read_text("utf-8")
)
BASE = Path(__file__).parents[1] / "rules/base"
NAMES = {name: group for group in LIST["groups"] for name in group["names"]}
WHOLE = {name: group for group in LIST["groups"] for name in group.get("whole", ())}
TEXT = {"type": "string", "pattern": "^[a-z]{1,9}$"}
HARMLESS = (
    # a word that holds another one
    *("skip", "clip", "tulip", "relationship", "hostile", "ghost", "pathology", "sympathy"),
    *("descriptive", "subscription", "profile", "blackmail", "monkey", "tokenizer", "template"),
    *("guides", "sides", "context", "hypertext", "messaging", "authority", "zipper", "scandir"),
    *("antenna", "embody", "agent", "package", "average", "essex", "platitude", "cardinal"),
    # a name of which a sensitive one is not the head
    *("file_count", "host_count", "path_kind", "file_format", "message_type", "content_type"),
    *("email_domain", "ip_version", "url_scheme", "user_agent", "key_type", "token_count"),
    *("session_state", "query_language", "cookie_policy", "phone_model", "text_encoding"),
    *("user_role", "mail_client", "address_family", "files_total", "keyboard_layout"),
    # names of something else
    *("action_name", "event_name", "product_name", "command", "cache_key", "sort_key", "file_id"),
    *("message_id", "key_name", "token_name", "state_machine", "file_system", "memory_address"),
    *("duration_ms", "device", "ep", "os_name", "invoked_from", "success", "exception_type"),
    *("function", "line", "count", "version", "graphics_card", "max_age", "name", "mysql"),
    # names that mean much else behind another word
    *("app_screen_name", "file_handle", "table_cell", "call_site_subject", "button_title"),
    *("os_description", "tech_stack", "is_remote", "smart_home", "font_face", "nav_link"),
    *("experiment_branch", "build_fingerprint", "count_of_phones", "number_of_cards"),
    *("clicks_per_session", "length_of_path", "minutes_per_user"),
    # an amount of what stands in the plural, and the domain of something else
    *("phones_n", "usersN", "ssn_count", "num_cards", "n_users", "numMessages", "nb_phones"),
    *("error_domain", "time_domain", "domain_model", "n_tokens", "session_n"),
    # a state of software: a person's is said as one
    *("is_disabled", "feature_disabled", "user_disabled", "account_disabled", "disabled"),
    *("disabled_features", "template", "point", "print_int", "step_epoch", "prompt_tok_count"),
)
SPELLINGS = {
    **dict.fromkeys(("mail", "email", "e_mail", "eMail", "emails", "user_email", "useremail"), 2),
    **dict.fromkeys(("email_address", "emailAddress", "email_sha256", "emailhash"), 2),
    **dict.fromkeys(("ip", "ip_addr", "ipAddress", "clientip", "client_ip", "IPAddress", "ips"), 2),
    **dict.fromkeys(("ipv4", "ipv6_address", "peer_ip2"), 2),
    **dict.fromkeys(
        ("user", "user_name", "userName", "username", "userId", "userid", "login", "users"), 2
    ),
    **dict.fromkeys(("host", "hostname", "host_name", "remotehost", "hosts", "fqdn", "machine"), 2),
    **dict.fromkeys(("deviceId", "device_guid", "machine_id", "imei", "serialNumber", "mac"), 2),
    **dict.fromkeys(("ssn", "passport_no", "iban", "cardNumber", "card", "address", "street"), 2),
    **dict.fromkeys(("city", "zip", "phone", "mobile", "first_name", "fullName", "dob"), 2),
    **dict.fromkeys(("date_of_birth", "birth_year", "gender", "lat", "location", "age"), 2),
    **dict.fromkeys(("session", "session_id", "name_of_user", "path_hash", "password_md5"), 2),
    **dict.fromkeys(("salary_eur", "salaryEur", "ip_int", "ipInt", "mac_int", "lat_deg"), 2),
    **dict.fromkeys(("dob_epoch", "lon_e7", "ethnic_origin", "hiv_status", "political_views"), 2),
    **dict.fromkeys(("has_diabetes", "pregnant", "is_pregnant", "union_member", "cust_no"), 2),
    **dict.fromkeys(("person_is_disabled", "employee_disabled", "wheelchair_user"), 2),
    **dict.fromkeys(("ssn_n", "ssnN", "ssn_no", "ssn_num", "ssn_nr", "phone_n", "card_n"), 2),
    **dict.fromkeys(("account_n", "zip_n", "ip_n", "passport_n", "serial_n", "num_ssn"), 2),
    **dict.fromkeys(("domain", "domains", "domain_hash", "subdomain", "userDomain"), 2),
    **dict.fromkeys(("dns_domain", "company_domain", "domain_name"), 2),
    **dict.fromkeys(("tok", "pw", "auth_tok", "db_pw"), 3),
    **dict.fromkeys(("path", "model_path", "modelPath", "filepath", "file", "file_name", "cwd"), 3),
    **dict.fromkeys(("folder", "home_dir", "directories", "path_to_model", "logfile", "dirs"), 3),
    **dict.fromkeys(("url", "uri", "url_full", "redirect_uri", "query", "search_query"), 3),
    **dict.fromkeys(("prompt", "text", "message", "message_text", "error_message", "content"), 3),
    **dict.fromkeys(("comment", "args", "argv", "command_line", "commandLine", "body"), 3),
    **dict.fromkeys(("token", "secret", "password", "api_key", "apikey", "API_KEY", "key"), 3),
    **dict.fromkeys(("uname", "acct", "account", "accountId", "screen_name", "handle"), 2),
    **dict.fromkeys(("user_handle", "github_handle", "contact", "sender_id", "recipients"), 2),
    **dict.fromkeys(("people", "person", "badge", "badge_id", "avatar", "photos", "face"), 2),
    **dict.fromkeys(("voice", "user_voice", "biometrics", "fingerprint", "faceEmbedding"), 2),
    **dict.fromkeys(("org", "orgs", "orgName", "organization", "organisation_id", "company"), 2),
    **dict.fromkeys(("companies", "employer", "tenant", "tenantId", "department", "job_title"), 2),
    **dict.fromkeys(("server", "sql_server", "pc_name", "computerName", "wifi", "wifi_ssid"), 2),
    **dict.fromkeys(("bssid", "bluetooth", "oid", "object_id", "user_object_id", "net_id"), 2),
    **dict.fromkeys(("correlation_id", "correlationId", "trace_id", "request_ids", "sub"), 2),
    **dict.fromkeys(("cell", "cell_phone", "home_cell", "arn", "owner", "process_owner"), 2),
    **dict.fromkeys(("nationality", "salary", "house_number", "tin", "user_tin", "tax_number"), 2),
    **dict.fromkeys(("phone_last4", "phoneLast4", "last4_ssn", "ssn_last4", "first6_card"), 2),
    **dict.fromkeys(
        ("user_name_b64", "userNameB64", "user_name_base64", "hashed_ip", "ip_list"), 2
    ),
    **dict.fromkeys(("hashedIp", "hashed_path", "hashed_card", "phone_masked", "email_hex"), 2),
    **dict.fromkeys(("repo_id", "workspaceId", "branch_hash", "project_key", "repo_sha256"), 2),
    **dict.fromkeys(("project", "project_name", "workspace", "workspaceName", "repo", "repos"), 3),
    **dict.fromkeys(("repository", "repositories", "branch", "branches", "git_branch", "home"), 3),
    **dict.fromkeys(("remote", "git_remote", "user_home", "env_value", "env_var_value"), 3),
    **dict.fromkeys(("link", "share_link", "subject", "mail_subject", "title", "tab_title"), 3),
    **dict.fromkeys(("description", "error_description", "stack", "call_stack", "path_prefix"), 3),
    **dict.fromkeys(("path_before", "key_file", "md_file", "user_document", "message_b64"), 3),
    **dict.fromkeys(("cookie", "access_token2", "credentials", "cvv", "conn_str"), 3),
}


@pytest.mark.parametrize(("name", "rank"), SPELLINGS.items())
def test_a_name_is_found_in_every_spelling(name: str, rank: int) -> None:
    """The class that it suggests is that of the thing, whatever is written around it."""
    meaning = meaning_of(name)

    assert meaning is not None
    assert SENSITIVITIES.index(meaning.least) == rank


@pytest.mark.parametrize("name", HARMLESS)
def test_other_names_say_nothing(name: str) -> None:
    """Words are whole words, and the last one says what a value is."""
    assert meaning_of(name) is None


def test_the_list_names_each_thing_once() -> None:
    """No spelling stands twice, and each group says why and how high."""
    plain = [name.replace("_", "") for name in (*NAMES, *WHOLE)]

    assert len(plain) > 300
    assert sorted(plain) == sorted(set(plain))
    assert {group["class"] for group in LIST["groups"]} == {"identifier", "free_text"}
    assert {group["in"] for group in LIST["groups"]} == {
        *("text", "thing", "number", "measure", "choice")
    }
    assert all(group["why"] for group in LIST["groups"])
    assert not {name.replace("_", "") for name in LIST["harmless"]} & set(plain)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@pytest.mark.parametrize("name", NAMES)
def test_every_listed_name_is_found(name: str) -> None:
    """As it stands, in camelCase, run together, after another word and counted."""
    group = NAMES[name]
    written = {name, _camel(name), name.replace("_", ""), f"other_{name}", f"other_{name}_2"}

    found = {spelling: meaning_of(spelling) for spelling in written}

    assert {spelling for spelling, meaning in found.items() if meaning is None} == set()
    assert {meaning.least for meaning in found.values() if meaning} == {group["class"]}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_name_counts_alone(name: str) -> None:
    """Words that mean much else are found only by themselves, or as somebody's."""
    assert meaning_of(name) is not None
    assert meaning_of(f"other_{name}") is None
    assert meaning_of(f"user_{name}") is not None
    assert meaning_of(f"hashed_{name}") is not None


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12))
def test_a_count_of_anything_is_a_count(word: str) -> None:
    """Whatever the first word is, the head decides, unless both are one name, as in "ac_count"."""
    assume(meaning_of(f"{word}count") is None)

    assert meaning_of(f"{word}_count") is None


OBJECT = {"type": "object", "additionalProperties": False}
CAN_HOLD: list[tuple[str, dict[str, Any], bool]] = [
    ("email", TEXT, True),
    ("email", {**TEXT, "type": ["string", "null"]}, True),
    ("email", {"type": "string", "enum": ["a"]}, False),
    ("email", {"type": "string", "const": "a"}, False),
    ("email", {"type": "string", "format": "date"}, False),
    ("email", {"type": "integer"}, False),
    ("has_email", {"type": "boolean"}, False),
    ("user", {"type": "integer"}, True),
    ("user", {"type": "integer", "x-unit": "count"}, True),
    ("users", {"type": "integer"}, True),
    ("users", {"type": "integer", "x-unit": "count"}, False),
    ("users", {"type": "array", "items": {"type": "integer", "x-unit": "count"}}, True),
    ("user_ids", {"type": "integer", "x-unit": "count"}, True),
    ("people", {"type": "integer", "x-unit": "count"}, False),
    ("address", {"type": "integer", "x-unit": "count"}, True),
    ("user_n", {"type": "integer"}, True),
    ("user_n", {"type": "integer", "x-unit": "count"}, False),
    ("users_n", {"type": "integer"}, False),
    ("num_users", {"type": "integer"}, False),
    ("ssn_n", {"type": "integer", "x-unit": "count"}, True),
    ("phone_n", {"type": "integer", "x-unit": "count"}, True),
    ("domain", {"type": "string", "enum": ["a"]}, False),
    ("time_in_session", {"type": "integer"}, True),
    ("time_in_session", {"type": "integer", "x-unit": "ms"}, False),
    ("digits_of_ssn", {"type": "integer", "x-unit": "digits"}, True),
    ("days_since_birth", {"type": "integer", "x-unit": "days"}, True),
    ("days_since_login", {"type": "integer", "x-unit": "days"}, False),
    ("machine_id", {"type": "integer"}, True),
    ("email_hash", {"type": "integer", "x-unit": "items"}, True),
    ("repo_id", {"type": "integer", "x-unit": "items"}, True),
    ("ssn", {"type": ["integer", "null"], "x-unit": "items"}, True),
    ("ssn", {"type": "integer", "enum": [1, 2]}, False),
    ("gender", {"type": "string", "enum": ["a"]}, True),
    ("gender", {"type": "string", "const": "a"}, False),
    ("disability", {"type": "boolean"}, True),
    ("has_diabetes", {"type": "boolean"}, True),
    ("is_disabled", {"type": "boolean"}, False),
    ("salary_eur", {"type": "integer", "x-unit": "EUR"}, True),
    ("lon_e7", {"type": "integer"}, True),
    ("avatar", {"type": "boolean"}, False),
    ("photos", {"type": "integer", "x-unit": "count"}, False),
    ("path", {"type": "integer", "x-unit": "chars"}, False),
    ("user", {"type": "string", "format": "uuid"}, True),
    ("message", {"type": "string", "format": "uuid"}, False),
    ("tokens", {"type": "integer"}, False),
    ("latitude", {"type": "number", "x-unit": "degrees"}, True),
    ("date_of_birth", {"type": "string", "format": "date"}, True),
    ("session", {"type": "string", "format": "date-time"}, False),
    ("emails", {"type": "array", "items": TEXT}, True),
    ("emails", {"type": "array", "items": {"type": "string", "enum": ["a"]}}, False),
    ("emails", {"type": "array", "items": {"type": "array", "items": TEXT}}, True),
    ("user", {**OBJECT, "properties": {}}, False),
    ("user", {**OBJECT, "properties": {"kind": {**TEXT, "x-class": "low"}}}, False),
    ("user", {**OBJECT, "properties": {"name": {**TEXT, "x-class": "low"}}}, True),
    ("user", {**OBJECT, "properties": {"name": {**TEXT, "x-class": "identifier"}}}, False),
    ("user", {**OBJECT, "properties": {"id": {"type": "integer", "x-class": "low"}}}, True),
    ("users", {"type": "array", "items": {**OBJECT, "properties": {"name": TEXT}}}, True),
]


@pytest.mark.parametrize(("name", "schema", "expected"), CAN_HOLD)
def test_only_what_can_hold_it_is_found(name: str, schema: dict[str, Any], expected: bool) -> None:
    """A yes, a choice and an amount hold no account; a unit alone makes no amount."""
    found = list(check_name(name, {**schema, "x-class": "low"}))

    assert [rule_id for rule_id, _, _ in found] == ["NAME_SENSITIVE"] * expected


NUMBERS = sorted(
    name
    for group in LIST["groups"]
    if group["in"] in ("number", "measure", "choice")
    for name in (*group["names"], *group.get("whole", ()))
)


@given(
    st.sampled_from(NUMBERS),
    st.sampled_from(("{}", "user_{}", "{}_last4", "{}s", "hashed_{}", "{}_2")),
    st.from_regex(r"[A-Za-z%][A-Za-z0-9_/%-]{0,31}", fullmatch=True),
    st.integers(1, 2**53),
    st.sampled_from(("integer", "number")),
)
def test_no_unit_excuses_a_personal_number(
    name: str, form: str, unit: str, maximum: int, kind: str
) -> None:
    """Anybody's number can be written in items, degrees or ms; the name is believed."""
    schema = {"type": kind, "minimum": 0, "maximum": maximum, "x-unit": unit, "x-class": "low"}

    (problem,) = check_name(form.format(name), schema)

    assert problem[0] == "NAME_SENSITIVE"
    assert list(check_name(form.format(name), {**schema, "x-class": "identifier"})) == []


@pytest.mark.parametrize(
    "name",
    [
        *("ssn", "phone", "phone_number", "card", "card_number", "account", "account_number"),
        *("passport", "tax_id", "birth_date", "birth_year", "postal_code", "zip", "latitude"),
        *("longitude", "imei", "imsi", "mac", "ip", "iban", "salary", "device_id", "session_id"),
    ],
)
def test_nine_digits_in_items_are_somebodys(name: str) -> None:
    """The numbers that are most often asked of people."""
    schema = {"type": "integer", "minimum": 0, "maximum": 999_999_999, "x-unit": "items"}

    assert [rule_id for rule_id, _, _ in check_name(name, {**schema, "x-class": "low"})] == [
        "NAME_SENSITIVE"
    ]
    assert list(check_name(f"{name}_count", {**schema, "x-class": "low"})) == []


HARMLESS_BY_FORM = json.loads(
    (Path(__file__).parents[1] / "data/names/harmless.json").read_text("utf-8")
)
FORMS: dict[str, dict[str, Any]] = {
    "text": TEXT,
    "amount": {"type": "integer", "minimum": 0, "maximum": 1000, "x-unit": "count"},
    "flag": {"type": "boolean"},
    "choice": {"type": "string", "enum": ["a", "b"]},
}


def test_what_is_found_of_harmless_names_is_known() -> None:
    """At most one name in a hundred is asked after for nothing; which ones, stands here."""
    found = {
        name
        for form, schema in FORMS.items()
        for name in HARMLESS_BY_FORM[form]
        if list(check_name(name, {**schema, "x-class": "low"}))
    }
    count = sum(len(HARMLESS_BY_FORM[form]) for form in FORMS)

    assert count > 1000
    assert found == {"upgrade_path"}
    assert len(found) / count < 0.01


def test_a_private_choice_is_not_told_to_become_one() -> None:
    """An enum is no way out where it is what holds the thing."""
    (gender,) = check_name("gender", {**FORMS["choice"], "x-class": "low"})
    (host,) = check_name("host", {**TEXT, "x-class": "low"})

    assert "bound it by an enum" not in gender[2]
    assert "bound it by an enum" in host[2]


@pytest.mark.parametrize(
    ("name", "declared"), [("email", "identifier"), ("path", "free_text"), ("x", "low")]
)
def test_a_class_that_is_high_enough_is_no_finding(name: str, declared: str) -> None:
    """The class that the name suggests, or a higher one."""
    assert list(check_name(name, {**TEXT, "x-class": declared})) == []


def test_a_part_is_told_where_its_own_name_stands() -> None:
    """``user.email`` says all by its last name, which is judged at its own place."""
    user = {**OBJECT, "x-class": "low", "properties": {"email": {**TEXT, "x-class": "low"}}}

    assert list(check_name("user", user)) == []
    assert len(list(check_name("email", user["properties"]["email"]))) == 1


def test_names_of_ext_fields_are_the_standards(tmp_path: Path) -> None:
    """``ext.app.userId`` cannot be renamed; what fills it decides, by x-source."""
    schemas = tmp_path / "schemas"
    for path in BASE.rglob("*.json"):
        place = schemas / path.relative_to(BASE)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path.read_text("utf-8"), "utf-8")
    for name, text in meta_files().items():
        (schemas / name).parent.mkdir(exist_ok=True)
        (schemas / name).write_text(text, "utf-8", newline="\n")
    slot = json.loads((schemas / "ext/os.schema.json").read_text("utf-8"))
    field = {**slot["properties"]["name"], "x-source": "architecture"}
    slot |= {"title": "app", "properties": {"userId": field}}
    (schemas / "ext/app.schema.json").write_text(json.dumps(slot), "utf-8")
    event = json.loads((schemas / "events/sample_opened.schema.json").read_text("utf-8"))
    event["x-ext"] = ["os", "app"]
    (schemas / "events/sample_opened.schema.json").write_text(json.dumps(event), "utf-8")

    assert load_catalogue(schemas).findings == ()
