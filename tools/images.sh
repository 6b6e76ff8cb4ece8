#!/bin/sh
# Builds the image of every Cloud Run service from its bundle, in the cloud, under the name that Terraform expects:
#   tools/images.sh PROJECT REGION [PREFIX]
# What is there already is not built again: an image is named after what is in its bundle.
set -eu
[ $# -ge 2 ] || { sed -n '2,3s/^# *//p' "$0" >&2; exit 2; }
project=$1 region=$2 prefix=${3:-earshot}
# terraform/modules/platform/builds.tf
builder="$prefix-builder@$project.iam.gserviceaccount.com"
cd "$(dirname "$0")/.."
ls build/*.zip >/dev/null 2>&1 || { echo "images: there are no bundles; make bundle" >&2; exit 1; }
for bundle in build/*.zip; do
    unzip -Z1 "$bundle" | grep -qx Dockerfile || continue
    service=$(basename "$bundle" .zip | tr _ -)
    digest=$(openssl dgst -sha256 -r "$bundle" | cut -c1-16)
    image="$region-docker.pkg.dev/$project/$prefix/$service:$digest"
    if gcloud artifacts docker images describe "$image" --project "$project" >/dev/null 2>&1; then
        echo "images: $service is there"
        continue
    fi
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    unzip -q "$bundle" -d "$folder/source"
    # What is installed meanwhile does not get at the builder's token: that needs `--network cloudbuild`.
    cat >"$folder/build.yaml" <<END
steps: [{name: gcr.io/cloud-builders/docker, args: [build, --no-cache, --tag, "$image", .]}]
images: ["$image"]
serviceAccount: projects/$project/serviceAccounts/$builder
options: {logging: CLOUD_LOGGING_ONLY}
END
    gcloud builds submit "$folder/source" --project "$project" --region "$region" --config "$folder/build.yaml" \
        --gcs-source-staging-dir "gs://$project-$prefix-sources/images"
    rm -rf "$folder"
done
