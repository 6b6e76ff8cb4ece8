"""What somebody will do by a day that they name, told in the present as German and Romance languages do.

"Ich bringe es morgen weg", "j'appelle la banque demain": the verb is turned to what stands in a list of things to do.
"""

import re

from common.llm.extractive.foreign_days import names_day

_FEWEST_WORDS, _MOST_WORDS = 2, 15
NOT_MEANT = re.compile(
    r"\b(?:nicht|nie|kein\w*|wenn|falls|ob|vielleicht|no|nunca|si|quizás|tal vez|ne|jamais|peut-être|non|mai|se|forse"
    r"|não|talvez|warum|por qué|pourquoi|perché|por que)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"[.!?;:…]|,? (?:weil|aber|denn|sonst|und (?:ich|du|wir)|porque|pero|parce|mais|car|perché|ma|mas|pois"
    r"|okay|ok|no|sì|sí"
    r"|não|gell|ja"
    r"|oder)\b|, ",
    re.IGNORECASE,
)
_GERMAN = re.compile(
    r"(?:\bich (?P<verb>\w+e)|^(?:\w+[.,] |(?:ja|gut|klar|okay|also|dann|und) )*(?P<inverted>\w+e) ich) (?P<rest>.+)$",
    re.IGNORECASE,
)
_PARTICLE = re.compile(
    r"^(?P<rest>.+?) (?P<particle>ab|an|auf|aus|ein|mit|vor|vorbei|weg|zu|zurück|nach|los|hin|fest|durch|um)$"
)
_FORMS = {
    "es": (re.compile(r"\b(?:yo )?(?P<verb>\w{2,}o)(?: también| yo)? (?P<rest>.+)", re.IGNORECASE), "ar"),
    "fr": (re.compile(r"\bj(?:e |')(?P<verb>\w+e)(?: aussi| moi-même)? (?P<rest>.+)", re.IGNORECASE), "er"),
    "it": (re.compile(r"\b(?:io )?(?P<verb>\w{2,}o)(?: anche| io)? (?P<rest>.+)", re.IGNORECASE), "are"),
    "pt": (re.compile(r"\beu (?:também |já )?(?P<verb>\w{2,}o) (?P<rest>.+)", re.IGNORECASE), "ar"),
}
"""Of each how the present of the first person looks, and how most verbs end in a list of things to do."""
_THING = re.compile(
    r"^(?:el|la|los|las|un|una|mi|mis|tu|tus|su|al|a|le|les|l'|une|mon|ma|mes|ton|ta|tes|du|des|au|aux|à|il|lo|gli|i|uno|"
    r"mio|mia|o|os|as|um|uma|meu|minha|ao|à)\b",
    re.IGNORECASE,
)
"""What is done something to follows at once: "encargo la tarta", not "creo que"."""
_IRREGULAR = {
    "es": """
        cojo:coger dejo:dejar doy:dar escribo:escribir envío:enviar hago:hacer imprimo:imprimir leo:leer pido:pedir
        pongo:poner recojo:recoger traigo:traer vendo:vender subo:subir cierro:cerrar enciendo:encender
        consigo:conseguir
        resuelvo:resolver devuelvo:devolver
    """,
    "fr": "achète:acheter amène:amener emmène:emmener ramène:ramener appelle:appeler rappelle:rappeler"
    " enlève:enlever ouvre:ouvrir jette:jeter",
    "it": """
        chiedo:chiedere chiudo:chiudere faccio:fare finisco:finire leggo:leggere metto:mettere prendo:prendere
        scrivo:scrivere spedisco:spedire vendo:vendere apro:aprire pulisco:pulire
    """,
    "pt": """
        escrevo:escrever faço:fazer leio:ler peço:pedir ponho:pôr resolvo:resolver trago:trazer vendo:vender abro:abrir
        imprimo:imprimir
    """,
}
_INFINITIVES = {language: dict(pair.split(":") for pair in text.split()) for language, text in _IRREGULAR.items()}
_NO_TASK = frozenset(
    """
    habe werde hätte würde wäre möchte könnte müsste sollte gehe sehe sage warte glaube denke hoffe finde heiße komme
    bleibe
    creo espero como vivo tengo vengo pienso quiero puedo debo salgo veo digo cuando luego pero vuelvo trabajo
    pense espère trouve arrive reste rentre aime regarde travaille passe
    credo spero penso voglio posso devo vengo vado vedo dico quando sono torno lavoro
    acho espero penso quero posso devo vejo digo moro trabalho gosto tenho venho
    """.split()  # noqa: SIM905 - reads better than a list of strings
)


def find_foreign_present(text: str, language: str) -> str | None:
    """What is to be done, beginning large; None where nothing is promised by a day.

    Args:
        text: a sentence of somebody who may promise.
        language: the primary subtag of what is spoken.
    """
    if text.endswith("?") or not names_day(text, language):
        return None
    described = _german(text) if language == "de" else _romance(text, language)
    return described and described[:1].upper() + described[1:]


def _german(text: str) -> str | None:
    found = _GERMAN.search(text.rstrip(".! "))
    if found is None or NOT_MEANT.search(text) or not names_day(found["rest"], "de"):
        return None
    verb = (found["verb"] or found["inverted"]).lower()
    rest = _ENDS.split(found["rest"])[0].strip()
    apart = _PARTICLE.match(rest)
    particle = apart["particle"] if apart else ""
    rest = apart["rest"] if apart else rest
    if verb in _NO_TASK or not _FEWEST_WORDS <= len(rest.split()) < _MOST_WORDS:
        return None
    return f"{rest} {particle}{verb}n"


def _romance(text: str, language: str) -> str | None:
    pattern, ending = _FORMS[language]
    for found in pattern.finditer(text):
        verb, rest = found["verb"].lower(), _ENDS.split(found["rest"])[0].strip()
        if (
            NOT_MEANT.search(text[: found.start()])
            or verb in _NO_TASK
            or not _THING.match(rest)
            or not names_day(rest, language)
        ):
            continue
        if _FEWEST_WORDS <= len(rest.split()) < _MOST_WORDS:
            return f"{_INFINITIVES[language].get(verb, verb[:-1] + ending)} {rest}"
    return None
