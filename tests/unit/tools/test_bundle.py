"""What is packed for a deployment, and that the same input makes the same bytes."""

import zipfile
from pathlib import Path

import pytest

from local.manifest import ROOT, load
from tools import bundle
from tools.reach import imported_modules

MANIFEST = load()


@pytest.mark.parametrize("name", MANIFEST.functions)
def test_a_bundle_holds_its_own_entry_point_and_only_what_that_reaches(name: str) -> None:
    files = bundle.contents(MANIFEST, name)
    folder = ROOT / "functions" / MANIFEST.functions[name].folder
    assert files["main.py"] == (folder / "main.py").read_bytes()
    assert files["requirements.txt"] == (folder / "requirements.txt").read_bytes()
    beside = set(files) - {"main.py", "requirements.txt", "Dockerfile"}
    assert all(path.startswith("common/") for path in beside)
    assert not any("__pycache__" in path for path in beside)
    assert ("Dockerfile" in files) is MANIFEST.functions[name].is_service


@pytest.mark.parametrize("name", ["listen", "api", "chat", "index_memory", "sweep"])
def test_every_module_of_ours_that_a_packed_one_imports_is_packed_too(name: str) -> None:
    packed = set(bundle.contents(MANIFEST, name))
    sources = [ROOT / path for path in packed if path.startswith("common/") and path.endswith(".py")]
    for source in [*sources, ROOT / "functions" / MANIFEST.functions[name].folder / "main.py"]:
        for module in imported_modules(source):
            path = module.replace(".", "/")
            if module.startswith("common.") and (ROOT / f"{path}.py").is_file():
                assert f"{path}.py" in packed, f"{source} imports {module}"


def test_what_a_module_reads_from_beside_it_is_packed_with_its_licence() -> None:
    files = bundle.contents(MANIFEST, "listen")
    assert "common/speech/silero_vad_16k_sequence.onnx" in files
    assert "common/speech/silero_vad.LICENSE" in files
    assert not any(path.endswith(".onnx") for path in bundle.contents(MANIFEST, "index_memory"))


def test_a_function_does_not_carry_what_it_does_not_reach() -> None:
    files = bundle.contents(MANIFEST, "finalize_conversation")
    assert not any(path.startswith(("common/speech/deepgram", "common/llm/", "common/entry/api/")) for path in files)


def test_the_same_input_makes_the_same_bytes(tmp_path: Path) -> None:
    files = bundle.contents(MANIFEST, "index_memory")
    first = bundle.write(files, tmp_path / "first.zip")
    second = bundle.write(dict(reversed(files.items())), tmp_path / "second.zip")
    assert first == second
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    assert bundle.write(files | {"main.py": b"other"}, tmp_path / "third.zip") != first


def test_an_archive_says_nothing_of_when_and_by_whom_it_was_made(tmp_path: Path) -> None:
    bundle.write({"b.py": b"1", "a.py": b"2"}, tmp_path / "any.zip")
    with zipfile.ZipFile(tmp_path / "any.zip") as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["a.py", "b.py"]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}


@pytest.mark.parametrize(("name", "command"), [("api", "uvicorn main:app"), ("listen", "python main.py")])
def test_a_service_is_started_as_its_kind_is(name: str, command: str) -> None:
    dockerfile = bundle.contents(MANIFEST, name)["Dockerfile"].decode()
    assert command in dockerfile.splitlines()[-1]
    assert "--require-hashes" in dockerfile
    assert "USER nobody" in dockerfile


def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["bundle", "nothing"])
    with pytest.raises(SystemExit):
        bundle.main()
    assert "no such function: nothing" in capsys.readouterr().err
