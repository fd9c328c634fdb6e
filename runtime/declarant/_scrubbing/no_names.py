"""Words that stand where the name of a user or a machine could, and are none."""

from __future__ import annotations

__all__ = ["NO_NAMES", "OF_HOSTNAMES", "OF_USERS"]

#: What stands beside such a word and is no name, in messages about fields and formats.
NO_NAMES = frozenset(
    (
        *("none", "null", "nil", "true", "false", "undefined", "unknown", "default", "empty"),
        *("expected", "must", "cannot", "could", "is", "was", "are", "not", "may", "should"),
        *("has", "have", "had", "required", "missing", "invalid", "field", "value", "and", "or"),
        *("with", "the", "a", "an", "in", "on", "to", "from", "for", "of", "by", "input", "code"),
        *("defined", "data", "interface", "agent", "space", "id", "name", "mode", "error", "does"),
        *("session", "provided", "supplied", "given", "specified", "type", "string", "str", "int"),
        *("requested", "interrupted", "cancelled", "canceled", "abort", "aborted", "settings"),
        *("memory", "cpu", "gpu", "npu", "device", "function", "script", "model", "models", "be"),
        *("object", "already", "info", "information", "configuration", "config", "permission"),
        *("permissions", "guide", "manual", "option", "options", "root", "system", "localhost"),
        *("x86_64", "amd64", "arm64", "aarch64", "i386", "i686", "x86", "x64", "armv7l"),
        *("learning", "attributes", "site", "username", "user", "anonymous"),
        *("failed", "failure", "successful", "again", "first", "page", "denied", "timeout", "now"),
        *("here", "expired", "session", "limit", "count", "list", "group", "groups", "or", "as"),
        *("convenience", "experience", "level", "request", "reference", "feedback", "preference"),
        *("preferences", "profile", "review", "confirmation", "consent", "action", "actions"),
        *("control", "content", "who", "without", "friendly", "facing", "passed", "its", "can"),
        *("key", "side", "variable", "variables", "environment", "path", "port", "header", "that"),
        *("parameter", "entry", "password", "argument", "attribute", "file", "token", "email"),
        *("message", "query", "prompt", "folder", "directory", "process", "role", "table"),
        *("this", "which", "it", "got", "found", "at", "when", "while", "if", "needs", "too"),
    )
)
#: What follows the word "hostname" more often than a name.
OF_HOSTNAMES = frozenset(
    (
        *("alias", "aliases", "argument", "changed", "changes", "check", "checking", "checks"),
        *("component", "contains", "entry", "format", "information", "label", "labels", "length"),
        *("lookup", "lookups", "match", "matches", "matching", "mismatch", "mismatched", "nor"),
        *("parameter", "part", "parts", "pattern", "resolution", "resolves", "unreachable"),
        *("requires", "validation", "verification", "verify", "via", "will", "doesn", "never"),
        *("only", "then"),
    )
)
#: What stands behind the word "user" more often than a name.
OF_USERS = frozenset(
    (
        *("access", "activity", "agreement", "authentication", "authorization", "base", "callback"),
        *("cancellation", "certificate", "choice", "code", "command", "commands", "context"),
        *("credential", "credentials", "data", "database", "defined", "dialog", "dictionary"),
        *("directory", "entry", "event", "events", "extension", "gesture", "home", "hook"),
        *("identity", "input", "inputs", "instruction", "interaction", "intervention", "interrupt"),
        *("kernel", "language", "layer", "locale", "login", "management", "metadata", "mode"),
        *("module", "namespace", "op", "operator", "override", "overrides", "plugin", "policy"),
        *("pool", "presence", "privilege", "privileges", "property", "query", "quota", "record"),
        *("registration", "response", "rights", "scope", "selection", "service", "setting"),
        *("shell", "state", "storage", "store", "supplied", "support", "time", "tracking", "verb"),
        *("verification", "visible", "workspace"),
    )
)
