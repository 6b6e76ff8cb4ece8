#!/bin/sh
# Checks terraform/ with whatever source of providers this machine has; says what it skipped where there is none.
set -eu
cd "$(dirname "$0")/../terraform"

if ! command -v terraform >/dev/null 2>&1; then
    echo "tf: skipped, terraform is not installed (https://developer.hashicorp.com/terraform/install)"
    exit 0
fi
terraform fmt -check -recursive -diff .
for folder in . modules/platform modules/function modules/edge; do
    if ! (cd "$folder" && terraform init -backend=false -input=false -no-color >/tmp/tf-init.$$ 2>&1); then
        tail -n 5 /tmp/tf-init.$$
        rm -f /tmp/tf-init.$$
        echo "tf: format checked; validate and test skipped, no source of providers can be reached (TF_CLI_CONFIG_FILE names a mirror)"
        exit 0
    fi
    rm -f /tmp/tf-init.$$
    echo "tf: $folder"
    (cd "$folder" && terraform validate -no-color)
    if ls "$folder"/tests/*.tftest.hcl >/dev/null 2>&1; then
        (cd "$folder" && terraform test -no-color)
    fi
done
