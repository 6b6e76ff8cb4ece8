"""Greetings, thanks and "what can you do?", in the languages whose forms are understood. Pure."""

import re
from enum import StrEnum

from common.llm.words import words


class Courtesy(StrEnum):
    """What a message is, where it asks for nothing."""

    HELLO = "hello"
    THANKS = "thanks"
    ABILITIES = "abilities"


_HELLO = frozenset(
    """hi hello hey hiya yo greetings good morning afternoon evening hallo moin servus guten tag morgen abend grüß gott
    hola buenas buenos días dias tardes noches bonjour bonsoir salut coucou""".split()  # noqa: SIM905 - reads better
)
_TELL_THANKS = frozenset({"thanks", "thank", "thx", "cheers", "danke", "dank", "dankeschön", "gracias", "merci"})
_THANKS = _TELL_THANKS | {"vielen", "lieben", "muchas", "beaucoup", "bien"}
_BESIDE = frozenset(
    """a all and again for lot so much very you your help there ok okay great well done da dir dich du zusammen schön
    sehr für deine hilfe und nochmal a ti por tu ayuda tu à toi pour ton aide oui si ja yes""".split()  # noqa: SIM905 - the same
)
_ABILITIES = re.compile(
    r"^\W*(?:(?:hi|hey|hello|hallo|hola|bonjour|salut)\W+)?(?:"
    r"(?:what|how) (?:can|could|do) you (?:do|help)(?: for me| me)?|who are you|what are you|help(?: me)?"
    r"|what can i (?:ask|do)(?: you)?|how does this work"
    r"|was kannst du(?: alles)?(?: tun| machen| für mich tun)?|wer bist du|hilfe|was kann ich (?:dich )?fragen"
    r"|wie funktioniert das"
    r"|qu[ée] (?:puedes|sabes) hacer(?: por m[íi])?|qui[ée]n eres|ayuda|ay[úu]dame|c[óo]mo funciona(?: esto)?"
    r"|que (?:peux|sais)-tu faire|qu'est-ce que tu (?:peux|sais) faire|tu peux faire quoi|qui es-tu|aide(?:-moi)?"
    r"|comment [çc]a marche)\W*$",
    re.IGNORECASE,
)


def find_courtesy(text: str) -> Courtesy | None:
    """What a message is, if it is nothing but that."""
    if _ABILITIES.match(text.replace("\u2019", "'")):
        return Courtesy.ABILITIES
    said = {word.lower() for word in words(text)}
    if said & _TELL_THANKS and said <= _THANKS | _BESIDE:
        return Courtesy.THANKS
    return Courtesy.HELLO if said & _HELLO and said <= _HELLO | _BESIDE else None
