#!/bin/sh
# Install the clients that nobody here wrote: from npm into tests/clients, from PyPI into FOLDER.
# usage: [PYTHON=python3] sh tests/clients/install.sh FOLDER
set -eu

folder=$1
here=$(dirname "$0")

command -v npm >/dev/null 2>&1 || {
    echo "the clients from npm need Node.js 20 or later and npm" >&2
    exit 2
}
# winml-cli's telemetry needs 3.11. It asks for no later one either, but for packages left out here.
for python in "${PYTHON:-python3}" python3.11 python3.12 python3.13 python3.14 none; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break
done
[ "$python" != none ] || {
    echo "the clients from PyPI need Python 3.11 or later. Set PYTHON=/path/to/python3.x" >&2
    exit 2
}

echo "installing clients into $folder and $here/node_modules (first run only) ..." >&2
(cd "$here" && npm ci --silent)
"$python" -m venv --clear "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --ignore-requires-python -r "$here/requirements.txt"
