"""The least that a function can be: what `bench.cold_start` compares ours with."""

import functions_framework
from flask import Request


@functions_framework.http
def main(request: Request) -> str:  # noqa: ARG001 - the framework gives it
    """Say hello."""
    return "hello"
