"""Make the two indexes that search asks, where they are missing, and print what Terraform is to be told of them.

    PINECONE_API_KEY=... python -m tools.vectors [--name earshot] [--dimension 768] [--cloud aws] [--region us-east-1]

Run again, it makes nothing and prints the same. What it prints are two lines for a file of Terraform's variables.
"""

import argparse
import os
import sys
from contextlib import closing

from pinecone import Pinecone, PineconeException, ServerlessSpec
from pinecone.models.indexes.index import IndexModel

_SMALLEST, _LARGEST = 64, 4096
_READY_WITHIN_S = 120


class WrongIndexError(RuntimeError):
    """There is an index of that name, and it is of another shape."""


def ensure(pinecone: Pinecone, name: str, *, dimension: int | None, place: ServerlessSpec) -> str:
    """The host of an index, which is made if need be; a sparse one has no dimension.

    Raises:
        WrongIndexError: there is one of that name that holds something else.
        PineconeException: Pinecone refuses, or cannot be reached.
    """
    wanted = ("dense", dimension, "cosine") if dimension else ("sparse", None, "dotproduct")
    if pinecone.indexes.exists(name):
        index = pinecone.indexes.describe(name)
        if _shape(index) != wanted:
            raise WrongIndexError(f"{name} is there, as {_shape(index)} and not {wanted}; choose another --name")
    else:
        print(f"vectors: making {name}", file=sys.stderr)
        vector_type, _, metric = wanted
        index = pinecone.indexes.create(
            name=name, dimension=dimension, metric=metric, vector_type=vector_type, spec=place, timeout=_READY_WITHIN_S
        )
    host = str(index.host)
    return host if "://" in host else f"https://{host}"


def main() -> int:
    """Make them, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="earshot", help="what both names begin with")
    parser.add_argument("--dimension", type=int, default=768, help="that of the embedding: EMBEDDING_DIMENSION")
    parser.add_argument("--cloud", default="aws", choices=["aws", "gcp", "azure"])
    parser.add_argument("--region", default="us-east-1")
    options = parser.parse_args()
    if not _SMALLEST <= options.dimension <= _LARGEST:
        parser.error(f"a dimension is between {_SMALLEST} and {_LARGEST}")
    key = os.environ.get("PINECONE_API_KEY")
    if not key:
        parser.error("PINECONE_API_KEY is not set")
    place = ServerlessSpec(cloud=options.cloud, region=options.region)
    try:
        with closing(Pinecone(api_key=key)) as pinecone:
            dense = ensure(pinecone, f"{options.name}-dense", dimension=options.dimension, place=place)
            sparse = ensure(pinecone, f"{options.name}-sparse", dimension=None, place=place)
    except (WrongIndexError, PineconeException) as error:
        print(f"vectors: {error}", file=sys.stderr)
        return 1
    print(f'pinecone_host        = "{dense}"')
    print(f'pinecone_sparse_host = "{sparse}"')
    return 0


def _shape(index: IndexModel) -> tuple[str | None, int | None, str | None]:
    sparse = index.vector_type == "sparse"
    return index.vector_type, None if sparse else index.dimension, "dotproduct" if sparse else index.metric


if __name__ == "__main__":
    raise SystemExit(main())
