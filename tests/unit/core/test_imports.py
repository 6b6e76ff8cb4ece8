"""A cold start loads what is needed then, and importing a module of ours does nothing else."""

import ast
import subprocess
import sys

import pytest

from local.manifest import ROOT, load
from tools.reach import reach

NEVER = {"vertexai", "google.cloud.aiplatform", "langgraph", "langchain", "torch", "onnxruntime", "pocketsphinx"}
NOT_AT_IMPORT = {"google.genai", "pinecone", "av", "numpy", "redis", "soxr", "google.cloud.pubsub_v1", "mcp", "httpx"}
NOT_AT_IMPORT |= {"langchain_core", "langsmith", "pypdf", "httpx2", "opentelemetry.sdk"}
NOT_AT_IMPORT |= {"google.cloud.firestore", "google.cloud.storage", "google.cloud.tasks_v2", "google.cloud.kms"}
NOT_AT_IMPORT |= {"google.cloud.speech_v2", "google.auth", "google.events", "requests", "cryptography", "jwt"}
NOT_AT_IMPORT |= {"snowballstemmer", "stdnum", "aiohttp", "dotenv"}
FRAMEWORKS = {
    "fastapi": {"fastapi"},
    "starlette": {"starlette", "fastapi"},
    "flask": {"flask", "functions_framework"},
    "functions_framework": {"functions_framework"},
    "picows": {"picows"},
    "uvloop": {"uvloop"},
    "websockets": {"websockets"},
    # To name what a store refuses with; an application of FastAPI says at its start how that is answered.
    "grpc": {"fastapi"},
    "google.api_core": {"fastapi"},
    "google.protobuf": {"fastapi"},
}
"""Loaded only by functions that import one of these."""
FOLDERS = sorted({function.folder for function in load().functions.values()})


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_loads_no_sdk_it_may_never_need(folder: str) -> None:
    code = (
        "import sys, runpy, socket\n"
        f"runpy.run_path({str(ROOT / 'functions' / folder / 'main.py')!r})\n"
        "print('\\n'.join(sys.modules))"
    )
    result = subprocess.run(  # noqa: S603 - our own interpreter on our own file
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    loaded = set(result.stdout.split("\n"))
    assert not loaded & (NEVER | NOT_AT_IMPORT)
    named = {module.partition(".")[0] for module in reach(ROOT / "functions" / folder / "main.py").foreign}
    assert not {each for each, users in FRAMEWORKS.items() if each in loaded and not users & named}
    assert "local" not in loaded, "nothing that is deployed knows the local cloud"


SOURCES = sorted((ROOT / "common").rglob("*.py")) + sorted((ROOT / "functions").glob("*/main.py"))
ENVIRONMENT_READERS = {ROOT / "common/core/clock.py", ROOT / "common/core/settings.py"}
ENVIRONMENT_WRITERS = {ROOT / "common/database/clients.py"}
"""Say something to a library that can be told it in no other way."""


def test_only_the_settings_and_the_clock_read_the_environment() -> None:
    readers = {path for path in SOURCES if {"environ", "getenv"} & _names(ast.parse(path.read_text()))}
    assert readers <= ENVIRONMENT_READERS | ENVIRONMENT_WRITERS


def test_only_the_clock_reads_the_time() -> None:
    for path in SOURCES:
        if path == ROOT / "common/core/clock.py":
            continue
        tree = ast.parse(path.read_text())
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert "time" not in imported, path
        asked = {
            f"{node.value.id}.{node.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        assert not {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"} & asked, path


def _names(tree: ast.AST) -> set[str]:
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return attributes | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
