"""A persona that learns what its user tells, and never lets others know what is private."""

from typing import Any

import functions_framework
import pytest

from common.apps.making import set_visibility
from common.apps.persona_prompts import refresh_persona
from common.apps.personas import PersonaChange, PersonaDraft, change_persona, ensure_persona, make_persona
from common.apps.running import run_apps
from common.conversations.delete import delete_conversation
from common.conversations.purge import purge_conversation
from common.database import apps, cache, conversations, keys, tasks, users
from common.memories.edit import add_memory, delete_memory, edit_memory, list_memories
from common.memories.index import index_memory
from common.models.app import App
from common.models.data_key import ENHANCED
from common.models.events import ConversationCompleted, RefreshPersona
from common.models.memory import Visibility
from local.functions import function_url
from local.manifest import ROOT, load
from tests.support.making import a_conversation, a_segment
from tests.support.stores import Stores
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("stores")

_create_app: Any = functions_framework.create_app  # ships no types


@pytest.fixture
def persona(uid: str) -> App:
    """The user's own, made for them."""
    users.change(uid=uid, name="Ada")
    _learn(uid, "Likes tea")
    return ensure_persona(uid=uid)


def _learn(uid: str, content: str, *, visibility: Visibility = "private") -> None:
    add_memory(uid=uid, content=content, visibility=visibility, manual=True)


def _prompt(app: App) -> str:
    return apps.get(app.id).persona_prompt or ""


@pytest.fixture
def news_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is merely new reaches no persona while a test runs."""
    monkeypatch.setattr(tasks, "_PERSONA_STRETCH_S", 1e7)


def _asked_for(stores: Stores, uid: str) -> list[RefreshPersona]:
    waiting = [each for each in stores.waiting_tasks() if function_url("refresh_persona") in str(each)]
    return _of(uid, [each.http_request.body for each in waiting]) + _has_come(stores, uid)


def _has_come(stores: Stores, uid: str) -> list[RefreshPersona]:
    come = [each for each in stores.tasks.received if str(each.url) == function_url("refresh_persona")]
    return _of(uid, [each.content for each in come])


def _of(uid: str, bodies: list[bytes]) -> list[RefreshPersona]:
    return [task for body in bodies if (task := RefreshPersona.model_validate_json(body)).uid == uid]


def test_it_knows_at_once_and_later_what_is_new(uid: str, persona: App) -> None:
    assert "Likes tea" in _prompt(persona)
    _learn(uid, "Plays chess")
    conversations.create(a_conversation(status="completed", structured={"title": "Budget talk"}), uid=uid)
    refresh_persona(uid=uid)
    assert all(known in _prompt(persona) for known in ("You are Ada", "Likes tea", "Plays chess", "Budget talk"))


def test_other_peoples_personas_learn_nothing(uid: str, persona: App) -> None:
    other = ensure_persona(uid=f"{uid}-2")
    for each in (uid, f"{uid}-2"):
        refresh_persona(uid=each)
    assert "tea" not in _prompt(other)
    assert "tea" in _prompt(persona)


@pytest.mark.parametrize("way", ["visibility", "change"])
def test_one_that_is_shown_to_others_keeps_nothing_private(uid: str, persona: App, way: str) -> None:
    _learn(uid, "Plays chess", visibility="public")
    refresh_persona(uid=uid)
    if way == "visibility":
        set_visibility(persona.id, private=False, uid=uid)
    else:
        change_persona(persona.id, PersonaChange(private=False), None, uid=uid)
    assert "tea" not in _prompt(persona)
    assert "Plays chess" in _prompt(persona)
    assert not apps.get(persona.id).private


@pytest.mark.parametrize("way", ["visibility", "change"])
def test_one_that_is_hidden_again_knows_everything_at_once(uid: str, persona: App, way: str) -> None:
    set_visibility(persona.id, private=False, uid=uid)
    assert "tea" not in _prompt(persona)
    if way == "visibility":
        set_visibility(persona.id, private=True, uid=uid)
    else:
        change_persona(persona.id, PersonaChange(private=True), None, uid=uid)
    assert "Likes tea" in _prompt(persona)


def test_whoever_makes_one_sees_what_it_knows(persona: App) -> None:
    assert "Likes tea" in (persona.persona_prompt or "")


def test_what_is_sealed_does_not_stand_in_its_prompt(uid: str, persona: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "LEVEL_KEPT_S", 0.0)
    conversations.create(a_conversation(status="completed", structured={"title": "Budget talk"}), uid=uid)
    _learn(uid, "Plays chess", visibility="public")
    refresh_persona(uid=uid)
    assert all(known in _prompt(persona) for known in ("Likes tea", "Budget talk"))
    users.change(uid=uid, data_protection_level=ENHANCED)
    keys.forget(uid=uid)
    refresh_persona(uid=uid)
    assert not any(sealed in _prompt(persona) for sealed in ("Likes tea", "Budget talk"))
    assert "Plays chess" in _prompt(persona)


def test_what_the_user_writes_about_it_stays(uid: str, persona: App) -> None:
    change_persona(persona.id, PersonaChange(persona_prompt="You are a pirate"), None, uid=uid)
    written = make_persona(PersonaDraft(name="Other", persona_prompt="You are a cook"), None, uid=uid)
    refresh_persona(uid=uid)
    assert (_prompt(persona), _prompt(written)) == ("You are a pirate", "You are a cook")


def test_where_nothing_is_new_nothing_is_written(uid: str, persona: App) -> None:
    before = apps.get(persona.id).updated_at
    refresh_persona(uid=uid)
    assert apps.get(persona.id).updated_at == before


def test_a_conversation_that_is_done_has_it_refreshed_once_in_a_while(stores: Stores, uid: str, persona: App) -> None:
    for name in ("c1", "c2"):
        said = [a_segment("Hello", 0, 1)]
        conversations.create(a_conversation(id=name, status="completed", run=1, transcript_segments=said), uid=uid)
        for _ in range(2):
            run_apps(ConversationCompleted(uid=uid, conversation_id=name, run=1))

    asked_for = eventually(lambda: _asked_for(stores, uid), within_s=5, what="asked for")
    assert 1 <= len(asked_for) <= 2
    function = load().functions["refresh_persona"]
    source = str(ROOT / "functions" / function.folder / "main.py")
    client = _create_app(function.entry_point, source, function.signature).test_client()
    _learn(uid, "Sings")
    assert client.post("/", data=asked_for[0].model_dump_json()).status_code == 200
    assert "Sings" in _prompt(persona)


def test_what_becomes_of_a_memory_reaches_it(stores: Stores, uid: str, persona: App) -> None:
    [memory] = list_memories(uid=uid, limit=10)
    delete_memory(uid=uid, memory_id=memory.id)
    index_memory(uid=uid, memory_id=memory.id)
    [task] = eventually(lambda: _asked_for(stores, uid), within_s=5, what="asked for")
    refresh_persona(uid=task.uid)
    assert "tea" not in _prompt(persona)


@pytest.mark.parametrize("change", ["deleted", "hidden"])
@pytest.mark.usefixtures("news_wait", "words")
def test_what_it_must_not_tell_any_longer_reaches_it_soon(stores: Stores, uid: str, change: str) -> None:
    _learn(uid, "Likes tea", visibility="public")
    shown = make_persona(PersonaDraft(name="Ada", private=False), None, uid=uid)
    assert "tea" in _prompt(shown)
    [memory] = list_memories(uid=uid, limit=10)
    if change == "deleted":
        delete_memory(uid=uid, memory_id=memory.id)
    else:
        edit_memory(uid=uid, memory_id=memory.id, visibility="private")
    index_memory(uid=uid, memory_id=memory.id)
    eventually(lambda: _has_come(stores, uid), within_s=5, what="asked to be refreshed")
    refresh_persona(uid=uid)
    assert "tea" not in _prompt(shown)


@pytest.mark.usefixtures("news_wait")
def test_a_conversation_that_is_deleted_is_told_of_no_longer(stores: Stores, uid: str, persona: App) -> None:
    said = conversations.create(a_conversation(status="completed", structured={"title": "Budget talk"}), uid=uid)
    refresh_persona(uid=uid)
    assert "Budget talk" in _prompt(persona)
    delete_conversation(uid=uid, conversation_id=said.id)
    purge_conversation(uid=uid, conversation_id=said.id)
    eventually(lambda: _has_come(stores, uid), within_s=5, what="asked to be refreshed")
    refresh_persona(uid=uid)
    assert "Budget talk" not in _prompt(persona)


def test_what_it_learns_has_nobody_read_the_catalogue_anew(uid: str, persona: App) -> None:
    cache.forget("apps:catalogue")
    apps.catalogue()
    kept = cache.get("apps:catalogue")
    _learn(uid, "Sings")
    refresh_persona(uid=uid)
    assert "Sings" in _prompt(persona)
    assert kept
    assert cache.get("apps:catalogue") == kept
