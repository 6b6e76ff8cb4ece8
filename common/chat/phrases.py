"""What the chat without a language model says by itself, in the languages whose forms it understands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from common.core.languages import primary_subtag
from common.indexing.terms import guess_language

_USUAL = "en"


@dataclass(frozen=True)
class Phrases:
    """The words of one language; `{}` stands for what is told."""

    hello: str
    welcome: str
    ask_me: str
    not_known: str
    perhaps: str
    found: str
    quotes_only: str
    known: str
    no_facts: str
    cannot_read_files: str
    you: str
    untitled: str
    listed: str
    noted: str
    coming: str
    nothing_comes: str
    no_tasks: str
    one_task: str
    tasks: str
    due: str
    besides: str
    overdue: str
    undated: str
    at_least: str
    no_conversations: str
    one_conversation: str
    conversations: str
    more_than: str
    newest: str
    with_: str
    and_: str
    on: str
    from_to: str

    def with_names(self, names: Sequence[str]) -> str:
        """Whom it was with, a blank before it; nothing for nobody."""
        if not names:
            return ""
        *most, last = names
        return f" {self.with_} {', '.join(most)}{f' {self.and_} ' if most else ''}{last}"

    def within(self, first: date, last: date) -> str:
        """When it was, a blank before it: one day, or the first and the last."""
        return f" {self.on.format(first)}" if first == last else f" {self.from_to.format(first, last)}"


_ALL = {
    "en": Phrases(
        hello="Hi!",
        welcome="You are welcome.",
        ask_me=(
            "Ask me about something you have said or heard, about a day, about somebody you talked to, or for your "
            "tasks, and I quote it to you."
        ),
        not_known="I found nothing about that in your conversations.",
        perhaps="I found nothing that surely answers this. The nearest is",
        found="This is what I found",
        quotes_only="quotes only",
        known="This is what I know",
        no_facts="Nothing yet.",
        cannot_read_files="I keep the files you have sent, but I cannot read them.",
        you="You",
        untitled="A conversation",
        listed="This is on your list",
        noted="It is on your list now",
        coming="This comes next, as far as it was said",
        nothing_comes="I know of no appointments.",
        no_tasks="There is nothing on your list.",
        one_task="1 task",
        tasks="{} tasks",
        due="due {}",
        besides="Besides: {}.",
        overdue="{} overdue",
        undated="{} without a day",
        at_least="at least",
        no_conversations="I found no conversations",
        one_conversation="1 conversation",
        conversations="{} conversations",
        more_than="More than {}",
        newest="the newest {}",
        with_="with",
        and_="and",
        on="on {}",
        from_to="from {} to {}",
    ),
    "de": Phrases(
        hello="Hallo!",
        welcome="Gern geschehen.",
        ask_me=(
            "Frag mich nach etwas, das du gesagt oder gehört hast, nach einem Tag, nach jemandem, mit dem du "
            "gesprochen hast, oder nach deinen Aufgaben, und ich zitiere es dir."
        ),
        not_known="Dazu habe ich in deinen Gesprächen nichts gefunden.",
        perhaps="Nichts, was ich gefunden habe, beantwortet das sicher. Am nächsten kommt",
        found="Das habe ich gefunden",
        quotes_only="nur Zitate",
        known="Das weiß ich",
        no_facts="Noch nichts.",
        cannot_read_files="Ich bewahre die Dateien auf, die du geschickt hast, kann sie aber nicht lesen.",
        you="Du",
        untitled="Ein Gespräch",
        listed="Das steht auf deiner Liste",
        noted="Es steht jetzt auf deiner Liste",
        coming="Das kommt als Nächstes, soweit es gesagt wurde",
        nothing_comes="Ich weiß von keinen Terminen.",
        no_tasks="Auf deiner Liste steht nichts.",
        one_task="1 Aufgabe",
        tasks="{} Aufgaben",
        due="fällig {}",
        besides="Außerdem: {}.",
        overdue="{} überfällig",
        undated="{} ohne Tag",
        at_least="mindestens",
        no_conversations="Ich habe keine Gespräche gefunden",
        one_conversation="1 Gespräch",
        conversations="{} Gespräche",
        more_than="Mehr als {}",
        newest="die neuesten {}",
        with_="mit",
        and_="und",
        on="am {}",
        from_to="vom {} bis zum {}",
    ),
    "es": Phrases(
        hello="¡Hola!",
        welcome="De nada.",
        ask_me=(
            "Pregúntame por algo que hayas dicho u oído, por un día, por alguien con quien hayas hablado o por tus "
            "tareas, y te lo cito."
        ),
        not_known="No encontré nada sobre eso en tus conversaciones.",
        perhaps="No encontré nada que lo responda con seguridad. Lo más cercano es",
        found="Esto es lo que encontré",
        quotes_only="solo citas",
        known="Esto es lo que sé",
        no_facts="Todavía nada.",
        cannot_read_files="Guardo los archivos que enviaste, pero no puedo leerlos.",
        you="Tú",
        untitled="Una conversación",
        listed="Esto está en tu lista",
        noted="Ya está en tu lista",
        coming="Esto es lo próximo, según lo que se dijo",
        nothing_comes="No sé de ninguna cita.",
        no_tasks="No hay nada en tu lista.",
        one_task="1 tarea",
        tasks="{} tareas",
        due="para el {}",
        besides="Además: {}.",
        overdue="{} con retraso",
        undated="{} sin día",
        at_least="por lo menos",
        no_conversations="No encontré conversaciones",
        one_conversation="1 conversación",
        conversations="{} conversaciones",
        more_than="Más de {}",
        newest="las {} más recientes",
        with_="con",
        and_="y",
        on="el {}",
        from_to="del {} al {}",
    ),
    "fr": Phrases(
        hello="Bonjour !",
        welcome="De rien.",
        ask_me=(
            "Demande-moi quelque chose que tu as dit ou entendu, un jour, une personne à qui tu as parlé ou tes "
            "tâches, et je te le cite."
        ),
        not_known="Je n'ai rien trouvé à ce sujet dans tes conversations.",
        perhaps="Je n'ai rien trouvé qui y réponde avec certitude. Le plus proche est",
        found="Voici ce que j'ai trouvé",
        quotes_only="citations seulement",
        known="Voici ce que je sais",
        no_facts="Rien encore.",
        cannot_read_files="Je garde les fichiers que tu as envoyés, mais je ne peux pas les lire.",
        you="Toi",
        untitled="Une conversation",
        listed="Voici ce qui est sur ta liste",
        noted="C'est maintenant sur ta liste",
        coming="Voici ce qui vient, d'après ce qui a été dit",
        nothing_comes="Je ne connais aucun rendez-vous.",
        no_tasks="Il n'y a rien sur ta liste.",
        one_task="1 tâche",
        tasks="{} tâches",
        due="pour le {}",
        besides="En plus : {}.",
        overdue="{} en retard",
        undated="{} sans jour",
        at_least="au moins",
        no_conversations="Je n'ai trouvé aucune conversation",
        one_conversation="1 conversation",
        conversations="{} conversations",
        more_than="Plus de {}",
        newest="les {} plus récentes",
        with_="avec",
        and_="et",
        on="le {}",
        from_to="du {} au {}",
    ),
}
ENGLISH = _ALL[_USUAL]
_TELLING = {
    code: frozenset(said.split())
    for code, said in {
        "en": "hi hello hey thanks thank help what yesterday today tasks when who how",
        "de": """hallo moin servus danke hilfe gestern vorgestern heute morgen aufgaben termine termin gespräche
            wann wer wie wo was guten kannst""",
        "es": """hola gracias ayuda ayer anteayer hoy mañana tareas citas cita conversaciones cuándo quién cómo qué
            dónde cuántas buenos buenas puedes""",
        "fr": """bonjour bonsoir salut coucou merci aide hier aujourd'hui demain tâches rendez-vous combien quand qui
            que où comment quelles quels peux-tu""",
    }.items()
}
"""Words that show the language of a message that is too short to be told by its smallest words."""
_WORD = re.compile(r"[\w'-]+")


def phrases(text: str, language: str | None) -> Phrases:
    """In the language that a message is written in, else in the user's, where either is known, else in English.

    Args:
        text: the message.
        language: what the user speaks, as a BCP-47 tag.
    """
    return _ALL.get(language_of(text) or "") or _ALL.get(primary_subtag(language)) or ENGLISH


def language_of(text: str) -> str | None:
    """The language of a message, however short; None where that is open."""
    return guess_language(text) or _shown(text)


def _shown(text: str) -> str | None:
    said = set(_WORD.findall(text.lower().replace("\u2019", "'")))
    counts = {code: len(said & words) for code, words in _TELLING.items()}
    best, second = sorted(counts, key=lambda code: -counts[code])[:2]
    return best if counts[best] > counts[second] else None
