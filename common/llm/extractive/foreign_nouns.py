"""What a talk in German, a Romance language or Japanese is about: the things that were named most, as they were named.

Where there are articles, what follows one is a thing: alone, behind what describes it, or with "de" and another thing.
In Japanese a thing is a run of Chinese or katakana characters, and with "no" it belongs to another.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from common.llm.extractive.foreign_themes import points_to_theme
from common.llm.words import words

_MOST_WORDS = 6
_SHORTEST = 3
_PER_THEME = 1.5
_LONG_WORD = 9
_PER_LONG_WORD = 0.5
_PER_FURTHER_WORD = 1.0
_MOST_COUNTED = 4


@dataclass(frozen=True)
class _Grammar:
    """What of a language has to be known: words before things, words between two, words that are none, and "and"."""

    before: frozenset[str]
    joints: frozenset[str]
    small: frozenset[str]
    both: str


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GRAMMARS = {
    "de": _Grammar(
        before=_set(
            """
            der die das den dem des ein eine einen einem einer eines kein keine keinen keiner mein meine meinen
            meinem meiner dein deine deinen deinem deiner sein seine seinen seinem ihr ihre ihren ihrem ihrer unser
            unsere unseren unserem unserer euer eure im am zum zur beim vom ins ans fürs aufs diese dieser dieses
            diesen diesem jede jeder jedes welche welcher welches über für mit ohne von bei
            """
        ),
        joints=frozenset(),
        small=_set(
            """
            aber alle allem allen aller alles als also alt am an anderen andere anderes auch auf aus bald bei beim
            bin bis bisschen bist bitte bleibt da dabei dafür dahin damit danach dann daran darauf darüber das dass
            davon dazu dein dem den denn der des deshalb dich die dies diese dieser doch dort du durch echt ein eine
            einem einen einer eines eigentlich erst ersten erste es etwas euch falls fast finde findet fand für ganz
            ganze ganzen geben gefällt gehen geht gemacht genau genug gern gerne gesagt gestern gibt ging gleich
            große großen gut gute guten hab habe haben hat hatte hätte heute hier hin hinter ich ihm ihn ihnen ihr
            ihre im immer in ins irgendwie ist ja jahr jahre jeden jeder jetzt kann kannst kein keine kleine kleinen
            kleiner komme kommen kommt können könnte könnten lange lass letzte letzten letztes leute lieber los
            mache machen macht mag mal man manchmal mehr mein meine meinst mich minuten mir mit mittag mittwoch
            montag dienstag donnerstag freitag samstag sonntag monat monate morgen möchte muss müssen musst nach
            nachher nächste nächsten neue neuen nein nicht nichts nie nimmt noch nochmal nur ob oben oder ohne okay
            paar prima recht richtig sache sachen sage sagen sagt schon schön schöne sehr sein seine seit selbst
            sich sicher sie sind so sogar soll sollen sollte sonst später stimmt stunde stunden super tag tage tagen
            tun über überhaupt übrigens uhr um und uns unser unten unter viel viele vielen vielleicht vom von vor
            vorher war waren warte warum was weg wegen weil weiß weiter welche wenig wenn wer werde werden wie
            wieder will wir wird wirklich wo woche wochen wohl wollen wollte wollten worden wurde würde würden zeit
            zu zum zur zurück zusammen zwei drei vier fünf sechs sieben acht neun zehn zwischen zweiten zweite
            einmal beide beiden
            """
        ),
        both="und",
    ),
    "es": _Grammar(
        before=_set(
            "el la los las un una unos unas mi mis tu tus su sus nuestro nuestra nuestros nuestras este esta estos"
            " estas"
            " ese esa esos esas del al cada ningún ninguna otro otra de con sin para por en sobre"
        ),
        joints=_set("de del para"),
        small=_set(
            """
            a acá ahí ahora al algo alguien algún alguna antes aquí aquel aunque año años bien bueno buena cada casi
            claro como con creo cual cuando cuánto cuesta da dan de decir del desde después dice dicen digo día días
            dime donde dos el ella ellas ellos en entonces era es esa ese eso esta estaba estamos están estar este
            esto estos está estás falta fue gente gracias gusta ha hace hacer hay he hasta hola hora horas hoy ir
            jamás la las le les lo los luego madre mal mañana mejor menos mes meses mi mí minutos mira mismo misma
            mucho mucha muchos muy más nada nadie ni ningún no nos nosotros nuestro nueve nunca o ocho otra otro
            otros oye para parece pero poco por porque primer primera primero pronto puede puedes puedo pues que
            quien quiere quiero qué sabes se sea según semana seis ser si siempre siete sin sobre sola solo son su
            sus sábado domingo lunes martes miércoles jueves viernes sé sí también tampoco tan tanto tarde te tengo
            ti tiempo tiene tienen tienes toda todas todavía todo todos tres tu tus tú un una uno unos usted va vale
            vamos van varios veces ver verdad vez vienen voy vos y ya yo cuatro cinco diez cosa cosas próximo
            próxima segundo segunda última último vengas vienes noche
            """
        ),
        both="y",
    ),
    "fr": _Grammar(
        before=_set(
            "le la les l' un une des du au aux mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce"
            " cet cette"
            " ces de d' pour avec sans sur chaque quel quelle en"
        ),
        joints=_set("de du des d' en à au"),
        small=_set(
            """
            a ai ainsi alors an année années ans après as assez au aucun aujourd'hui aussi autre autres avait avant
            avec avez avoir beaucoup bien bon bonne bonjour c'est ça ce cela ces cet cette chaque chez chose choses
            ci combien comme comment d'accord dans de demain depuis des deux deuxième dernier dernière dire dis dit
            dix dois doit donc du déjà elle elles en encore enfin ensuite entre es est et euh eux fait faire fais
            faut fois font gens grand grande heure heures hier huit ici il ils j'ai jamais je jour jours l'an la le
            les leur leurs lui là ma maintenant mais mal matin mercredi lundi mardi jeudi vendredi samedi dimanche
            merci mes mieux mille minutes moi moins mois moment mon même n'est ne neuf ni non nos notre nous nouveau
            nouvelle on ont ou oui où par parce pas peu peut peux plaît plus plusieurs pour pourquoi premier
            première prochain prochaine puis qu'il qu'on quand quatre que quel quelle quelqu'un quelque qui quoi
            rien s'il sa sais sans se semaine semaines sept ses si six soir son sont sous suffit suis sur sûr ta
            tard te temps tes toi ton toujours tous tout toute toutes trois trop très tu un une va vais vas veut
            veux vers viens vite voilà voir vois vont vos votre vous vraiment week-end y à être était cinq
            """
        ),
        both="et",
    ),
    "it": _Grammar(
        before=_set(
            "il lo la i gli le l' un uno una un' del dello della dei degli delle al allo alla ai agli alle dal dalla"
            " nel"
            " nella nei nelle sul sulla mio mia miei mie tuo tua suo sua nostro nostra questo questa quel quella"
            " ogni di per"
            " con senza"
        ),
        joints=_set("di del della dei degli delle dell' per"),
        small=_set(
            """
            a abbiamo adesso ai al alla alle allora altra altre altri altro anche ancora anni anno appena avere beh
            bene bella bello buon buona buono c'è che chi ci ciao cioè come con così cosa cose cui da dal dalla
            davvero degli dei del della delle detto devo di dice dico domani domenica lunedì martedì mercoledì
            giovedì venerdì sabato dopo dove due dunque e ecco era ero essere fa facciamo fai fare fatto fino forse
            fra già giorni giorno gli grande grazie ha hai hanno ho i ieri il in io l'altro la le lei li lo loro lui
            ma magari mai male meglio meno mentre mese mesi mi mia mie miei minuti mio molta molto momento nel nella
            niente no noi non nostra nostro nulla nuova nuovo o oggi ogni ora ore otto per perché però persone
            piccola piccolo più poco poi prima primo proprio puoi può qualche qualcosa quando quanto quasi quattro
            quel quella quello questa questo qui quindi sa sai se secondo sei sempre senza sera sette settimana si
            sia siamo sono sta stai stasera stato stessa stesso su sua subito sul suo sì ti tra tre troppo tu tua
            tuo tutta tutte tutti tutto un una uno va vado vanno veramente verso vi via viene voi volta volte vorrei
            vuoi è
            """
        ),
        both="e",
    ),
    "pt": _Grammar(
        before=_set(
            "o a os as um uma uns umas do da dos das no na nos nas ao à pelo pela meu minha meus minhas seu sua seus"
            " suas"
            " nosso nossa este esta esse essa aquele aquela cada de para com sem em num numa"
        ),
        joints=_set("de do da dos das para"),
        small=_set(
            """
            a agora ainda algo alguma algum alguém além amanhã ano anos antes ao aos aquela aquele aqui aquilo as
            assim até bem boa bom cada casa certo cinco coisa coisas com como da daqui de dela dele depois dia dias
            disse diz do dois domingo segunda terça quarta quinta sexta sábado dos e ela elas ele eles em embora
            então era essa esse esta estamos estava este estou está eu falta faz fazer fica foi gente grande hoje
            hora horas há isso isto já la lhe lá mais mal mas me menos mesma mesmo meu meus mim minha minhas minutos
            momento mês meses muita muito na nada não nas nem nenhum ninguém no nos nossa nosso nova novo nove num
            numa nunca nós o obrigada obrigado oito olha onde ontem os ou outra outro para parece pela pelo pessoas
            pode podem poderia pois por porque pouco posso preciso primeira primeiro pronto próxima próximo qual
            quando quanto quase quatro que quem quer quero sabe se seis sei sem semana semanas sempre sente ser
            seria sete seu seus sim sobre somos sou sua suas só são também tanta tanto tarde te tem temos tempo
            tenho ter tinha toda todas todo todos três tu tudo um uma umas uns vai vamos vez vezes vocês você vou à
            às é noite manhã último última
            """
        ),
        both="e",
    ),
}
_ELIDED = re.compile(r"^((?:[ldjnmtscu]|qu|dell|all|nell|dall|sull|un)')(?=\w)", re.IGNORECASE)
_ADJECTIVE_DE = re.compile(r"^[a-zäöüß]+(?:e|en|er|es|em)$")
_THING_JA = r"(?:[\u4e00-\u9fff々]+|[\u30a1-\u30faー]{2,})+"
_CHAIN_JA = re.compile(rf"{_THING_JA}(?:の{_THING_JA})*")
_NO_THING_JA = re.compile(
    r"^(?:[一二三四五六七八九十百千万0-9].*|[今来先毎再][年月週日朝晩夜]|[年月日時分秒円人個回本枚台階週歳目半]|[月火水木金土日]曜日?"
    r"|明日|今日|昨日|一昨日|明後日|今朝|今夜|今晩|最近|最初|最後|本当|大丈夫|一緒|全部|全然|絶対|自分|時間|時|私|僕|俺|彼|彼女|君"
    r"|皆|人|方|事|物|所|何|誰|前|後|中|上|下|次|今|話|少|多|良|早|遅|大|小|高|安|思|言|行|来|見|食|飲|出|入|取|送|作|聞|会|待|帰|買"
    r"|使|持|知|分|違|気|感|結構|多分|色々|時々|先生|皆様|必要|半分|くらい|お願|願|了解|以上|以下|以外|普通|特|別|無理|駄目|問題|予定)$"
)
_WHEN_JA = re.compile("^(?:明日|今日|昨日|毎日|今[週月年]|来[週月年]|先[週月])")
_LONGEST_JA = 20


def foreign_nouns(sentences: Sequence[str], language: str) -> str:
    """A title of one or two things; empty where none was found, or the language is another one.

    Args:
        sentences: what was said.
        language: the primary subtag of what is spoken.
    """
    if language == "ja":
        return _japanese(sentences)
    if (grammar := _GRAMMARS.get(language)) is None:
        return ""
    tokens = [_tokens(sentence) for sentence in sentences]
    found = [phrase for said in tokens for phrase in _phrases(said, grammar, german=language == "de")]
    spoken = Counter(token.lower() for said in tokens for token in said)
    ranked = sorted(dict.fromkeys(found), key=lambda phrase: -_weight(phrase, spoken, grammar))
    if not ranked:
        return ""
    best = ranked[0]
    if len(best) == 1 or language == "de":
        others = (phrase for phrase in ranked[1:] if not set(phrase) & set(best))
        second = next((each for each in others if len(best) + len(each) < _MOST_WORDS), ())
    else:
        second = ()
    if len(best) + len(second) < 2:  # noqa: PLR2004 - one word says too little
        return ""
    parts = [_written(phrase, capitals=language == "de") for phrase in (best, second) if phrase]
    title = f" {grammar.both} ".join(parts)
    return title[:1].upper() + title[1:]


def _tokens(sentence: str) -> list[str]:
    """The words, each elided article apart: "l'", "école"."""
    return [part for word in words(sentence) for part in _ELIDED.sub(r"\1 ", word).split()]


def _phrases(said: Sequence[str], grammar: _Grammar, *, german: bool) -> Iterator[tuple[str, ...]]:
    lowered = [token.lower() for token in said]
    place = 0
    while place < len(lowered):
        place += 1
        if lowered[place - 1] not in grammar.before:
            continue
        thing = place
        if german:
            while (
                thing + 1 < len(lowered)
                and _ADJECTIVE_DE.match(said[thing])
                and _is_thing(lowered[thing + 1], grammar)
                and not _is_thing_written(said[thing])
            ):
                thing += 1
        if thing >= len(lowered) or not _is_thing(lowered[thing], grammar):
            continue
        yield (lowered[thing],)
        belongs = _belonging(lowered, thing + 1, grammar)
        if belongs:
            yield (lowered[thing], *belongs)


def _belonging(lowered: Sequence[str], place: int, grammar: _Grammar) -> tuple[str, ...]:
    """What follows a thing with "de": "cumpleaños" with its "de"."""
    if place >= len(lowered) or lowered[place] not in grammar.joints:
        return ()
    end = place + 1
    if end < len(lowered) and lowered[end] in grammar.before:
        end += 1
    return tuple(lowered[place : end + 1]) if end < len(lowered) and _is_thing(lowered[end], grammar) else ()


def _is_thing(word: str, grammar: _Grammar) -> bool:
    return len(word) >= _SHORTEST and word not in grammar.small and word not in grammar.before and not word[0].isdigit()


def _is_thing_written(word: str) -> bool:
    return word[:1].isupper()


def _weight(phrase: tuple[str, ...], spoken: Counter[str], grammar: _Grammar) -> float:
    things = [word for word in phrase if _is_thing(word, grammar)]
    return sum(
        min(_MOST_COUNTED, spoken[word])
        + _PER_THEME * points_to_theme(word)
        + _PER_LONG_WORD * (len(word) >= _LONG_WORD)
        for word in things
    ) / len(things) + _PER_FURTHER_WORD * (len(things) - 1)


def _written(phrase: Iterable[str], *, capitals: bool) -> str:
    shown = [word[:1].upper() + word[1:] if capitals else word for word in phrase]
    return re.sub(r"' ", "'", " ".join(shown))


def _japanese(sentences: Sequence[str]) -> str:
    """The thing named most, with what it belongs to, and another one if it is short."""
    chains = [chain for sentence in sentences for chain in _chains(sentence)]
    parts = Counter(part for chain in chains for part in chain.split("の"))
    ranked = sorted(
        dict.fromkeys(chains),
        key=lambda chain: -sum(min(_MOST_COUNTED, parts[part]) + len(part) / 2 for part in chain.split("の")),
    )
    if not ranked:
        return ""
    best = ranked[0][:_LONGEST_JA]
    other = next((each for each in ranked[1:] if not set(each.split("の")) & set(best.split("の"))), "")
    return f"{best}と{other}" if other and len(best) + len(other) < _LONGEST_JA and "の" not in best else best


def _chains(sentence: str) -> Iterator[str]:
    for found in _CHAIN_JA.finditer(sentence):
        parts = [_WHEN_JA.sub("", part) for part in found[0].split("の")]
        while parts and (not parts[0] or _NO_THING_JA.match(parts[0])):
            parts.pop(0)
        while parts and (not parts[-1] or _NO_THING_JA.match(parts[-1])):
            parts.pop()
        if parts and not any(_NO_THING_JA.match(part) for part in parts) and max(map(len, parts)) > 1:
            yield "の".join(parts)
