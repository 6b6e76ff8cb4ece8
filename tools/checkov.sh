#!/bin/sh
# Looks through terraform/ with checkov, in an environment of its own: nothing that it needs gets into ours.
#   tools/checkov.sh [ARGUMENTS OF checkov]      by default terraform/ as it is written
#   tools/checkov.sh -f plan.json --repo-root-for-plan-enrichment terraform      a plan, from `terraform show -json`
# Says what it skipped where PyPI cannot be reached. What is left as it is has its reason beside it: `checkov:skip`.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)}
lock=requirements/tools/checkov.txt
home=.cache/checkov

if ! cmp -s "$lock" "$home/complete"; then
    echo "checkov: installing it in $home" >&2
    rm -rf "$home"
    "$PYTHON" -m venv "$home"
    pip="$home/bin/python -m pip --disable-pip-version-check install --quiet --progress-bar off --retries 1"
    if ! $pip --require-hashes --no-deps -r "$lock" 2>"$home/pip.txt"; then
        tail -n 5 "$home/pip.txt" >&2
        if grep -qi "hash" "$home/pip.txt"; then
            exit 1
        fi
        echo "checkov: skipped, its packages cannot be had"
        exit 0
    fi
    cp "$lock" "$home/complete"
fi
[ $# -gt 0 ] || set -- --quiet -d terraform --framework terraform
# Guides, which it would fetch, are left out; so is its maker's service.
# By its interpreter: the command itself names the folder in which it was installed, and folders are moved.
exec "$home/bin/python" "$home/bin/checkov" --compact --skip-download "$@"
