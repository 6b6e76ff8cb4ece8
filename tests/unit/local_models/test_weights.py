import subprocess
import sys
from pathlib import Path

import pytest

from local.models.weights import VOCABULARY, MissingWeightsError, WeightsFile


def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> str:
    (tmp_path / "some_weights").mkdir()
    (tmp_path / "some_weights" / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    (tmp_path / "some_weights" / "model.bin").write_bytes(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "some_weights"


def test_a_file_is_found_without_importing_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    name = package(tmp_path, monkeypatch, b"abc")
    assert WeightsFile(name, "model.bin", sha256_of_abc).locate().read_bytes() == b"abc"


def test_another_content_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = package(tmp_path, monkeypatch, b"tampered")
    with pytest.raises(MissingWeightsError, match="has sha256"):
        WeightsFile(name, "model.bin", "0" * 64).locate()


@pytest.mark.parametrize("name", ["no_such_package", "json"])
def test_what_is_not_installed_is_named_with_the_remedy(name: str) -> None:
    with pytest.raises(MissingWeightsError, match=r"requirements/models\.txt"):
        WeightsFile(name, "model.bin", "").locate()


def test_the_installed_vocabulary_is_the_published_one() -> None:
    assert VOCABULARY.locate().name == "vocab.txt"


def test_the_workers_main_module_loads_no_model_library() -> None:
    """Each worker process imports these; what they load counts once per worker."""
    script = (
        "import sys, local.models.__main__, local.models.recognizer\n"
        "print([name for name in ('numpy', 'onnxruntime', 'starlette', 'uvicorn', 'pocketsphinx', 'pydantic')"
        " if name in sys.modules])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    assert done.stdout.strip() == "[]"
