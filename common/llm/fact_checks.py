"""What holds for every fact, whoever found it: the rules that are checked and not only asked for (CONTRACT 5.5)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from common.llm.ports import PHOTO, Background, Dialogue, Fact
from common.llm.words import content_words, words

MAX_WORDS = 15
_FEWEST = 2
_LONGEST = 200
"""Characters."""

_UNIT = r"(?:minute|hour|day|night|week|weekend|month|year)s?"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_RELATIVE = re.compile(
    rf"\b(?:today|tonight|tomorrow|yesterday|recently|lately|soon|(?:this|next|last|coming|past) (?:morning|afternoon"
    rf"|evening|spring|summer|autumn|fall|winter|{_UNIT}|{_DAY})|in (?:a|an|one|two|three|four|five|six|\d+|a few"
    rf"|a couple of) {_UNIT}|{_UNIT} ago|heute|(?<!jeden )(?<!am )morgen|gestern|übermorgen|vorgestern"
    r"|(?:nächste|letzte|kommende|vergangene)[nrs]? \w+|vor \w+ (?:tagen|wochen|monaten|jahren)|hoy|ayer"
    r"|(?<!la )mañana|anoche|próxim[oa] \w+|\w+ (?:pasad[oa]|que viene)|hace \w+ (?:días|semanas|meses|años)|demain"
    r"|hier|aujourd'hui|(?:semaine|mois|année|an) (?:prochaine?|dernière?|dernier)"
    r"|il y a \w+ (?:jours|semaines|mois|ans)|oggi|domani|ieri|amanhã|ontem|hoje)\b"
    r"|今日|明日|昨日|今天|明天|昨天|आज|कल",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:maybe|perhaps|possibly|probably|might|may (?:be|have)|could be|seems?|appears?|(?:is|are) likely|not sure"
    r"|unsure|considering|thinking (?:about|of)|vielleicht|wahrscheinlich|möglicherweise|scheint|quizás?|tal vez"
    r"|probablemente|parece|peut-être|probablement|semble|forse|talvez)\b",
    re.IGNORECASE,
)
_TRANSIENT = re.compile(
    r"\b(?:currently|right now|at the moment|just now|for now|temporarily|gerade|ahora mismo|en ce moment"
    r"|(?:is|feels|was|felt) (?:\w+ )?(?:tired|hungry|thirsty|sleepy|late|bored|busy|stuck|cold|exhausted))\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\b(?:(?:unknown )?speaker[ _-]*\d+|sprecher(?:in)? \d+|hablante \d+|locuteur \d+|unknown speaker|unnamed)\b",
    re.IGNORECASE,
)
_TALK_ABOUT_TALK = re.compile(
    r"^\S+ (?:talked|talks|talking|spoke|discussed|mentioned|asked|said|says|told|chatted|is talking|had a (?:chat|talk"
    r"|conversation|call|meeting))\b|\bhas (?:a few |many |some |several )?friends?$",
    re.IGNORECASE,
)
# What speech could put into a memory to steer whoever reads it later.
_ORDER = re.compile(
    r"\b(?:(?:previous|prior|above|earlier|these|your|all) instructions?|system prompt|system message|as an ai"
    r"|language model|jailbreak|(?:assistant|chatbot|ai|model|you) (?:must|should|shall|has to|have to|will)\b"
    r"|(?:must|should|shall) always|ignore (?:all|any|the|what)|disregard)|https?://|www\.|\S@\S|[<>{}`]",
    re.IGNORECASE,
)
_KIN = {
    "wife": "wife wives married",
    "husband": "husband married",
    "son": "son sons boy boys kid kids child children",
    "daughter": "daughter daughters girl girls kid kids child children",
    "brother": "brother brothers sibling siblings",
    "sister": "sister sisters sibling siblings",
    "mother": "mother mom mum mama mommy parents",
    "father": "father dad papa daddy parents",
    "fiance": "fiance fiancé fiancee fiancée engaged",
    "girlfriend": "girlfriend partner",
    "boyfriend": "boyfriend partner",
}
_STEM = 4
_USER = re.compile(r"^(?:the )?user(?=\b)", re.IGNORECASE)
_JOINED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_INNER_USER = re.compile(r"\b[Tt]he user\b|\bUser\b")


@dataclass(frozen=True)
class _Said:
    """What a fact may rest on."""

    begins: frozenset[str]
    lowered: frozenset[str]
    knows_user: bool


def checked(facts: Iterable[Fact], dialogue: Dialogue, background: Background) -> list[Fact]:
    """Those of the facts that may be remembered, in their order, within the limits, each once."""
    said = _heard(dialogue, background)
    seen = {_meant(known, background) for known in background.known}
    kept: list[Fact] = []
    for fact in facts:
        tidy = replace(fact, content=_tidied(fact.content, background.user), turns=tuple(dict.fromkeys(fact.turns)))
        most = background.most_insights if tidy.is_insight else background.most_facts
        if sum(each.is_insight == tidy.is_insight for each in kept) >= most or _meant(tidy.content, background) in seen:
            continue
        if is_sound(tidy.content) and _is_grounded(tidy, dialogue, said, background):
            seen.add(_meant(tidy.content, background))
            kept.append(tidy)
    return kept


def sense(content: str) -> frozenset[str]:
    """What is the same for texts that differ in small words, case and punctuation only."""
    return frozenset(content_words(content)) or frozenset(words(content.lower())) or frozenset({content})


def _meant(content: str, background: Background) -> frozenset[str]:
    """The sense of a fact, however much of the user's name it gives."""
    return sense(content) - {word.lower() for word in words(background.user)}


def _tidied(content: str, user: str) -> str:
    tidy = " ".join(content.split()).strip(" .;-•*\"'")
    return _INNER_USER.sub(user, _USER.sub(user, tidy))


def is_sound(content: str) -> bool:
    """Whether a fact is one by its own words."""
    count = len(content.split())
    if count > MAX_WORDS or len(content) > _LONGEST or (count < _FEWEST and content.isascii()):
        return False  # scripts without blanks say a lot in one word
    forbidden = (_RELATIVE, _HEDGED, _TRANSIENT, _NOBODY, _TALK_ABOUT_TALK, _ORDER)
    return not content.endswith("?") and not any(pattern.search(content) for pattern in forbidden)


def _is_grounded(fact: Fact, dialogue: Dialogue, said: _Said, background: Background) -> bool:
    """Whether somebody who may say it said it."""
    if not fact.turns or not all(0 <= turn < len(dialogue.turns) for turn in fact.turns):
        return False
    if fact.is_insight:
        source, _, insight = fact.content.partition(": ")
        return bool(source.strip() and insight.strip()) and _names_occur(fact.content, said)
    if said.knows_user and not any(dialogue.turns[turn].is_user for turn in fact.turns):
        return False  # what others say of the user is theirs
    if not _names(fact.content, words(background.user)):
        return False
    return _names_occur(fact.content, said) and _kin_occur(fact.content, said)


def _names(content: str, user: list[str]) -> bool:
    """Whether it says about whom it is; some scripts write what follows a name without a blank."""
    named = {word.removesuffix("'s") for word in words(content)}
    if _JOINED.search(content):
        return any(name in content for name in user)
    return not named.isdisjoint(user)


def _heard(dialogue: Dialogue, background: Background) -> _Said:
    texts = [*background.known, background.user]
    for turn in dialogue.turns:
        texts += [turn.text, turn.speaker]
    lowered = frozenset(word.lower().removesuffix("'s") for text in texts for word in words(text))
    return _Said(
        begins=frozenset(word[:_STEM] for word in lowered),
        lowered=lowered,
        knows_user=any(turn.is_user for turn in dialogue.turns if turn.speaker != PHOTO),
    )


def _names_occur(content: str, said: _Said) -> bool:
    """Whether every word that is written like a name, but the first, was heard, or begins like one that was."""
    return all(
        word.lower()[:_STEM] in said.begins for word in words(content)[1:] if word[0].isupper() and len(word) > 1
    )


def _kin_occur(content: str, said: _Said) -> bool:
    """Whether every relative was mentioned."""
    named = (word.lower().removesuffix("'s") for word in words(content))
    return all(said.lowered & set(_KIN[word].split()) for word in named if word in _KIN)
