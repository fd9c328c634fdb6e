"""What is told of the file that code stands in."""

from __future__ import annotations

import pytest

from declarant._code_files import file_of_code

KEPT = (
    *("/home/Alice Smith/x.py", "C:\\Users\\Alice\\build.py", "modelkit/commands/build.py"),
    *("x.pyc", "_core.cpython-311-x86_64-linux-gnu.so", "core.pyd", "core.pyx", "__init__.py"),
    *("/tmp/ipykernel_12/345.py", "gr\u00fcn.py", "/home/alice/.venv/bin/modelkit", "my-tool.py"),
    *("/usr/sbin/my-tool", "C:\\venv\\Scripts\\modelkit"),
    *("<string>", "<stdin>", "<template>", "<frozen importlib._bootstrap>", "<frozen os>"),
)
OTHERS = {
    "<ipython-input-3-0a1b2c3d>": "<ipython-input>",
    "<python-input-0>": "<python-input>",
    "<decorator-gen-12>": "<decorator-gen>",
    "<attrs generated init acme.Alice>": "<attrs generated>",
    "<eval_with_key>.0 from /home/alice/x.py:12 in forward": "<eval_with_key>",
}
TEXTS = (
    "SELECT name FROM patients WHERE id=4711",
    'salary > 100000 and name == "Alice"',
    "<alice smith's tax return>",
    "template: Dear Alice Smith,",
    "line one\nline two.py",
    "x = 'Alice Smith'.py",
    "alice@example.com.py",
    "salary/name",
    "/home/alice/secret project",
    "/home/alice/secret_project",
    "C:\\Users\\Alice\\merger",
    "/bin/alice smith",
    "bin/salary",
    "/salary",
    "swordfish",
    "letter.html",
    "<frozen Alice Smith>",
    "<4711>",
    "<" + "a" * 40 + ">",
    "/home/alice/" + "x" * 300 + ".py",
    "\x1b[31mx.py",
    "",
)


@pytest.mark.parametrize("name", KEPT)
def test_the_file_of_source_code_is_told(name):
    """Also a program's in a folder of programs, and what the interpreter calls its own."""
    assert file_of_code(name) == name


@pytest.mark.parametrize("name", OTHERS)
def test_of_code_that_libraries_make_the_kind_is_told(name):
    """And not its number, or what it was made for."""
    assert file_of_code(name) == OTHERS[name]


@pytest.mark.parametrize("name", TEXTS)
def test_text_that_stands_for_a_file_is_not_told(name):
    """A program may compile what it wants under its own text."""
    assert file_of_code(name) == "<unknown>"
