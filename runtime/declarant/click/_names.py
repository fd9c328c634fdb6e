"""By which name a command is reported: one that the program registered, never what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import click


def registered_name(context: click.Context) -> str:
    """Return the names of the command of *context* and of the groups above it, joined by ".".

    The outermost group's name is left out, unless there is no other. What a group made up for a
    name that it does not list, such as a script's path, has no name.
    """
    names: list[str] = []
    node = context
    while node.parent is not None:
        names.append(_own_name(node, node.parent))
        node = node.parent
    return ".".join(name for name in reversed(names) if name) or node.command.name or ""


def _own_name(context: click.Context, parent: click.Context) -> str:
    group = parent.command
    typed, own = context.info_name or "", context.command.name or ""
    commands: dict[str, object] = getattr(group, "commands", {})
    if typed in commands:
        return typed
    # What is no `click.Group` in Click 8.1 has it as well.
    list_commands: Callable[[click.Context], list[str]] | None
    list_commands = getattr(group, "list_commands", None)
    listed = [] if list_commands is None else list_commands(parent)
    # An abbreviation or an alias is told by the name of what it stands for.
    return next((name for name in (typed, own) if name in listed), "")
