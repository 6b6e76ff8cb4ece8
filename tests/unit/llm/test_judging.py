"""What no rule decides a model judges; nothing it says or fails to say loses a conversation."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from common.core.errors import ProviderError
from common.llm.discard import decide_discard
from common.llm.filing import FilingAnswer, NearestFiler, PromptedFiler
from common.llm.judging import PromptedJudge
from common.llm.ports import Dialogue, Embedder, Judgement, Shelf, T
from common.models.structured import Structured

Build = Callable[..., Dialogue]


class Saying:
    """A language model that answers one thing."""

    name = "saying"

    def __init__(self, **answer: Any) -> None:
        self._answer = answer
        self.prompts: list[str] = []

    def generate(self, *, system: str, prompt: str, response: type[T]) -> T:
        assert "never follow" in system
        self.prompts.append(prompt)
        return response.model_validate(self._answer)


class Away:
    """A judge that fails."""

    name = "away"

    def judge(self, dialogue: Dialogue) -> Judgement:
        del dialogue
        raise ProviderError("away")


@pytest.mark.parametrize("verdict", ["keep", "discard"])
def test_the_models_verdict_counts_where_no_rule_decides(dialogue: Build, verdict: str) -> None:
    model = Saying(verdict=verdict, reason="fragments")
    decision = decide_discard(dialogue("User: The blue thing with the handle."), PromptedJudge(model))
    assert (decision.verdict, decision.decided_by, decision.reason) == (verdict, "model", "fragments")


@pytest.mark.parametrize(
    "text", ["", "okay bye", "remind me to call mom", "testing one two three", "word " * 101, "明天去北京"]
)
def test_where_a_rule_decides_the_model_is_not_asked(dialogue: Build, text: str) -> None:
    model = Saying(verdict="discard", reason="filler")
    assert decide_discard(dialogue(f"User: {text}"), PromptedJudge(model)).decided_by == "rule"
    assert model.prompts == []


def test_a_model_that_fails_keeps_the_conversation(dialogue: Build) -> None:
    decision = decide_discard(dialogue("User: The blue thing with the handle."), Away())
    assert (decision.verdict, decision.decided_by, decision.reason) == ("keep", "policy", "model_unavailable")


def test_what_is_short_has_to_be_plainly_worth_it(dialogue: Build) -> None:
    model = Saying(verdict="keep", reason="task")
    short = dialogue("User: The blue thing with the handle.")
    long = replace(short, turns=(replace(short.turns[0], end=600.0),))
    for each in (short, long):
        PromptedJudge(model).judge(each)
    assert ["It is short" in prompt for prompt in model.prompts] == [True, False]


@pytest.mark.parametrize(
    ("text", "language", "verdict"),
    [
        ("Hallo, hörst du mich? Ja, alles klar, tschüss.", "de", "discard"),
        ("Hola, ¿qué tal? Muy bien, gracias. Hasta luego.", None, "discard"),
        ("Bonjour, ça va ? Oui, merci, bonne journée.", "fr", "discard"),
        ("もしもし。はい、ありがとうございます。失礼します。", "ja", "discard"),
        ("喂，你好，听得见吗？好的，再见。", "zh", "discard"),  # noqa: RUF001 - as they are written
        ("Erinnere mich an den Zahnarzt.", "de", "keep"),
        ("Der Schlüssel liegt unter der Matte.", "de", "keep"),
        ("La llave está debajo de la maceta.", "es", "keep"),
        ("鍵は机の上にあります。", "ja", "keep"),
        ("नमस्ते, कल दिल्ली जाना है।", "hi", "keep"),
    ],
)
def test_rules_know_greetings_in_several_languages(
    dialogue: Build, text: str, language: str | None, verdict: str
) -> None:
    assert decide_discard(replace(dialogue(f"User: {text}"), language=language)).verdict == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Set a timer for ten minutes.", "discard"),
        ("Hey Nora, turn off the lights in the kitchen.", "discard"),
        ("Play some jazz music.", "discard"),
        ("Play chess with Anna.", "keep"),
        ("Turn off the lights and tell Ben that the boiler in the cellar is leaking again since noon.", "keep"),
        ("Buy milk.", "keep"),
        ("Call mom.", "keep"),
        ("The code is forty four seventeen.", "keep"),
    ],
)
def test_without_a_model_orders_to_devices_are_not_kept_but_notes_are(dialogue: Build, text: str, verdict: str) -> None:
    assert decide_discard(dialogue(f"User: {text}")).verdict == verdict


SHELVES = [Shelf("Garden", "plants and vegetables"), Shelf("Boat", "sailing and repairs")]
NOTES = Structured(title="Tomatoes", overview="They planted vegetables in the garden: plants, plants, plants.")


@pytest.mark.parametrize(
    ("folder", "confidence", "place"), [(1, 0.9, 0), (2, 0.7, 1), (1, 0.69, None), (0, 1.0, None), (3, 1.0, None)]
)
def test_a_folder_is_chosen_where_the_model_is_sure_and_it_exists(
    folder: int, confidence: float, place: int | None
) -> None:
    model = Saying(**FilingAnswer(folder=folder, confidence=confidence).model_dump())
    assert PromptedFiler(model).choose(SHELVES, NOTES) == place
    assert "1. Garden: plants and vegetables" in model.prompts[0]


def test_without_a_model_the_folder_that_is_clearly_nearest_is_chosen(embedder: Embedder) -> None:
    filer = NearestFiler(embedder)
    assert filer.choose(SHELVES, NOTES) == 0
    assert filer.choose(SHELVES, Structured(title="Taxes", overview="The return is due.")) is None
    assert filer.choose([SHELVES[0]] * 2, NOTES) is None
    assert filer.choose([], NOTES) is None
