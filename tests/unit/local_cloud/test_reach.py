"""The manifest gives each function exactly the keys and roles of those providers that its code reaches."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from local.manifest import ROOT, load

_ASKING_MODELS = ({"model_user"}, {"OPENAI_API_KEY"})
NEEDS: dict[str, tuple[set[str], set[str]]] = {
    "common.speech.providers.streaming_transcribers": (
        {"speech_client"},
        {"DEEPGRAM_API_KEY", "SONIOX_API_KEY", "SPEECHMATICS_API_KEY"},
    ),
    "common.speech.providers.batch_transcriber": ({"speech_client"}, {"DEEPGRAM_API_KEY"}),
    **{
        f"common.llm.providers.{port}": _ASKING_MODELS
        for port in (
            "language_model",
            "structurer",
            "judge",
            "filer",
            "summarizer",
            "day_summarizer",
            "talker",
            "embedder",
            "translator",
            "photo_describer",
            "rememberer",
            "reconciler",
            "illustrator",
        )
    },
    "common.speech.second_hearing.whisperx": (set(), {"FAL_KEY"}),
    "common.speech.second_hearing.hume": (set(), {"HUME_API_KEY"}),
    "common.database.clients.pinecone_index": (set(), {"PINECONE_API_KEY"}),
    "common.action_items.elsewhere.services.client_of": (
        set(),
        {"TODOIST_CLIENT_SECRET", "ASANA_CLIENT_SECRET", "GOOGLE_TASKS_CLIENT_SECRET", "CLICKUP_CLIENT_SECRET"},
    ),
    "common.users.geocoding.addressed": (set(), {"GEOCODER_KEY"}),
    "common.chat.tools.web.search_web_tool": (set(), {"WEB_SEARCH_API_KEY"}),
}
"""Roles and secrets, by what is imported."""
ROLES, SECRETS = (set.union(*(need[part] for need in NEEDS.values())) for part in (0, 1))
BY_ROUTE = {
    "chat": tuple(
        f"common.entry.api.{package}" for package in ("apps", "conversations", "developer", "facts", "people")
    ),
}
"""Code of routes that are there, and whose paths lead to another function."""


@pytest.mark.parametrize("name", sorted(load().functions))
def test_a_function_has_what_its_code_reaches_and_no_more(name: str) -> None:
    function = load().functions[name]
    reached = _reached(ROOT / "functions" / function.folder / "main.py", without=BY_ROUTE.get(name, ()))
    needs = [NEEDS[each] for each in reached if each in NEEDS]
    assert set(function.roles) & ROLES == set().union(*(roles for roles, _ in needs))
    assert set(function.secrets) & SECRETS == set().union(*(secrets for _, secrets in needs))


def test_the_names_that_stand_for_a_need_exist() -> None:
    for each in NEEDS:
        module, _, name = each.rpartition(".")
        assert name in _defined(_tree(_path(module))), each


def _defined(module: ast.Module) -> set[str]:
    """The functions of a module, and what it calls by an annotated name."""
    functions = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    named = {
        node.target.id for node in module.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return functions | named


def _reached(start: Path, *, without: tuple[str, ...]) -> set[str]:
    """All modules that are imported, at once or later, and all names that are imported from them."""
    names: set[str] = set()
    waiting = [start]
    while waiting:
        for name in _imported(waiting.pop()):
            if name in names or name.startswith(without):
                continue
            names.add(name)
            module = name if _path(name).exists() else name.rpartition(".")[0]
            if module not in names or module == name:
                names.add(module)
                waiting.append(_path(module))
    return names


@cache
def _imported(path: Path) -> frozenset[str]:
    return frozenset(_imports(_tree(path)))


def _imports(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ImportFrom) and (child.module or "").startswith("common"):
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        elif not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)):
            yield from _imports(child)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _path(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
