"""Views to text: the one Jinja environment, and the gate that only `Code` passes.

Templates print; they decide nothing and never see a schema.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined

from declarant_codegen.errors import CodegenError
from declarant_codegen.python_text import Code

__all__ = ["UnsafeText", "render"]


class UnsafeText(CodegenError):  # noqa: N818  it names what was found
    """A template was about to print text that no function of `python_text` had made safe."""


def render(template: str, view: object) -> str:
    """Print *view* with the template of that name.

    Raises:
        UnsafeText: The view holds text that is not `Code`.
        jinja2.UndefinedError: The template asks for what the view does not have.
    """
    return _environment().get_template(template).render(view=view)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("declarant_codegen"),
        undefined=StrictUndefined,
        # The output is Python, TOML and Markdown; `Code` is what HTML escaping would be for HTML.
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
        # Our own templates do not change while we run, and need not be looked at for each event.
        auto_reload=False,
        finalize=_gate,
    )


def _gate(value: object) -> object:
    if isinstance(value, (Code, Undefined)):
        return value
    raise UnsafeText(f"expected Code, found {type(value).__name__}; make it with python_text")
