"""Event schemas that nobody wrote for this dialect: how many load, what is refused, and why.

The corpus is GitHub's webhook events, as the npm package @octokit/webhooks-schemas holds them. Each
is converted three times: as it is, with no more than the dialect's own keywords beside it; bounded,
as an author would who wants to send it; and without the fields that are refused all the same.
Nothing is asserted.

    make corpus      # needs npm
"""

from __future__ import annotations

import collections
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from declarant_codegen import load_catalogue
from declarant_codegen.bounds import base_type
from declarant_codegen.meta_files import meta_files
from declarant_codegen.privacy import floor_class

NPM = "@octokit/webhooks-schemas@7.6.1"
ROOT = Path(__file__).parents[1]
BASE = ROOT / "tests/rules/base"
_DEEPEST = 6
_FREE = {
    "maxLength": 200,
    "x-scrub": "message",
    "x-scrub-vectors": [{"text": "jo.doe@example.com", "kept": "<scrubbed>"}],
    "x-reason": "The corpus has text of no form here.",
}


def corpus() -> dict[str, Any]:
    """Return the corpus's definitions by name."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", NPM, "--silent"], cwd=folder, check=True, capture_output=True
        )
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as packed:
            member = packed.extractfile("package/schema.json")
            assert member is not None
            found: dict[str, Any] = json.load(member)["definitions"]
            return found


def inlined(schema: Any, definitions: dict[str, Any], depth: int = 0) -> Any:
    """Return a schema without references; one that would never end is an open object."""
    if isinstance(schema, list):
        return [inlined(item, definitions, depth) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        if depth > _DEEPEST:
            return {"type": "object"}
        target = definitions[schema["$ref"].rpartition("/")[2]]
        return inlined({**target, **{k: v for k, v in schema.items() if k != "$ref"}},
                       definitions, depth + 1)  # fmt: skip
    return {key: inlined(value, definitions, depth) for key, value in schema.items()
            if key != "$schema"}  # fmt: skip


def bounded(schema: Any) -> Any:
    """Return a schema with the bounds that it lacks, where one can be given at all."""
    if isinstance(schema, list):
        return [bounded(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: bounded(value) for key, value in schema.items()}
    if made.get("format") in ("uri", "uri-template", "email"):
        del made["format"]
    kind, is_listed = base_type(made), "enum" in made or "const" in made
    if kind == "string" and not is_listed and not {"format", "pattern"} & made.keys():
        made.setdefault("maxLength", 200)
    elif kind in ("integer", "number") and not is_listed:
        made = {"minimum": 0, "maximum": 2**53 - 1, **made}
    elif kind == "array":
        made.setdefault("maxItems", 32)
    elif kind == "object":
        made = {"properties": {}, **made, "additionalProperties": False}
        made.pop("tsAdditionalProperties", None)
    made.pop("default", None)
    return made


def declared(schema: dict[str, Any], *, scrubbed: bool) -> None:
    """Put the dialect's own keywords beside every value: least class, words, scrubber."""
    for name, child in schema.get("properties", {}).items():
        if isinstance(child, dict):
            child.setdefault("description", name)
            declared(child, scrubbed=scrubbed)
            if scrubbed and base_type(child) == "string" and "maxLength" in child:
                child.update(_FREE)
            child["x-notice"] = "usage"
            try:
                child["x-class"] = floor_class(child)
            except (KeyError, TypeError, AttributeError):
                child["x-class"] = "free_text"
    if isinstance(schema.get("items"), dict):
        declared(schema["items"], scrubbed=scrubbed)


def event(name: str, schema: dict[str, Any], *, is_bounded: bool) -> tuple[str, dict[str, Any]]:
    """Return the file's name and the schema of one event of the corpus."""
    title = "Sample" + "".join(word.capitalize() for word in re.split(r"[^a-z0-9]+", name))
    schema = bounded(schema) if is_bounded else schema
    declared(schema, scrubbed=is_bounded)
    schema.pop("title", None)
    own = {
        "$schema": "../meta/event.v1.json",
        "title": title,
        "description": schema.pop("description", name),
        "x-purpose": "Find out what the dialect takes.",
        "x-owners": ["corpus (role)"],
        "x-level": "optional",
        "x-retention-days": 30,
        "x-expires": "2030-01-01",
        "x-ext": ["os"],
    }
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", title).lower()
    return words, {**own, **schema}


def judged(definitions: dict[str, Any], *, is_bounded: bool, is_pruned: bool = False) -> None:
    """Load the corpus and print what became of it."""
    names = [name for name in definitions if "$" in name]
    dropped = fields = 0
    with tempfile.TemporaryDirectory() as folder:
        schemas = Path(folder, "schemas")
        for path in ("catalogue.json", "ext/os.schema.json"):
            place = schemas / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes((BASE / path).read_bytes())
        for path, text in meta_files().items():
            (schemas / path).parent.mkdir(exist_ok=True)
            (schemas / path).write_text(text, "utf-8")
        (schemas / "events").mkdir()
        for name in names:
            schema = inlined(definitions[name], definitions)
            file, made = event(name, schema, is_bounded=is_bounded)
            fields += len(made.get("properties", {}))
            (schemas / f"events/{file}.schema.json").write_text(json.dumps(made), "utf-8")
        result = load_catalogue(schemas)
        if is_pruned:
            dropped = pruned(schemas, result.findings)
            result = load_catalogue(schemas)
    rules: dict[str, set[str]] = collections.defaultdict(set)
    places: collections.Counter[str] = collections.Counter()
    for finding in result.findings:
        if finding.severity.value == "error" and "/events/" in finding.path:
            rules[finding.rule_id].add(finding.path)
            places[finding.rule_id] += 1
    refused = set().union(*rules.values())
    title = "Bounded, without what is refused" if is_pruned else "Bounded"
    print(f"\n## {title if is_bounded else 'As they are'}\n")
    if is_pruned:
        print(f"Of {fields} fields of events {dropped} were left out.\n")
    print(f"{len(names)} events: {len(names) - len(refused)} load, {len(refused)} are refused.\n")
    print("| rule | events | places |\n| --- | ---: | ---: |")
    for rule, paths in sorted(rules.items(), key=lambda item: -len(item[1])):
        print(f"| `{rule}` | {len(paths)} | {places[rule]} |")


def pruned(schemas: Path, findings: Any) -> int:
    """Take each field of an event that has an error out of it; return how many went."""
    faulty: dict[str, set[str]] = collections.defaultdict(set)
    for finding in findings:
        parts = finding.pointer.split("/")
        if finding.severity.value == "error" and parts[1:2] == ["properties"] and parts[2:]:
            faulty[finding.path].add(parts[2].replace("~1", "/").replace("~0", "~"))
    for path, names in faulty.items():
        place = schemas.parent / path
        value = json.loads(place.read_text("utf-8"))
        for name in names:
            del value["properties"][name]
        value["required"] = [name for name in value.get("required", ()) if name not in names]
        place.write_text(json.dumps(value), "utf-8")
    return sum(map(len, faulty.values()))


def main() -> None:
    """Print the report."""
    print(f"Corpus: {NPM}")
    definitions = corpus()
    judged(definitions, is_bounded=False)
    judged(definitions, is_bounded=True)
    judged(definitions, is_bounded=True, is_pruned=True)


if __name__ == "__main__":
    main()
