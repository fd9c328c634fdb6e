#!/bin/sh
# Make a virtual environment and install the project into it, editable.
# usage: [PYTHON=python3] sh tests/install.sh FOLDER demo|dev|measure|fuzz
set -eu

folder=$1
what=$2
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
    echo "declarant needs Python 3.10 or later; $python is older. Set PYTHON=/path/to/python3.x" >&2
    exit 2
}

# The demo shows a type checker at work, so it needs one.
set -- -e ".[codegen,click]" -e generated -e examples/modelkit mypy
case $what in
dev) set -- "$@" --group dev ;;
measure) set -- "$@" --group dev --group measure ;;
fuzz) set -- "$@" --group fuzz ;;
esac

echo "installing into $folder (first run only) ..." >&2
if command -v uv >/dev/null 2>&1; then
    [ -x "$folder/bin/python" ] || uv venv --quiet --python "$python" "$folder"
    uv pip install --quiet --python "$folder/bin/python" "$@"
else
    if [ ! -x "$folder/bin/pip" ]; then
        "$python" -m venv --clear "$folder" || "$python" -m virtualenv --clear "$folder" || {
            echo "no virtual environment can be made: install Python's venv module" \
                "(Debian, Ubuntu: python3-venv), or uv" >&2
            exit 2
        }
    fi
    # Older pips know no dependency groups.
    "$folder/bin/python" -m pip install --quiet --upgrade pip
    "$folder/bin/python" -m pip install --quiet "$@"
fi

# Tests, and the processes that they start, reach this machine alone.
if [ "$what" != demo ]; then
    packages=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    cp tests/loopback_only.py "$packages/declarant_loopback_only.py"
    echo "import os; 'DECLARANT_TESTS_LOOPBACK' in os.environ and __import__('declarant_loopback_only')" \
        >"$packages/declarant-loopback-only.pth"
fi
