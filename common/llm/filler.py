"""What says nothing, in several languages: greetings, courtesies, checks whether anybody hears, orders to a device."""

import re
from collections.abc import Sequence

from common.core.languages import primary_subtag
from common.llm.numbers import digits
from common.llm.words import FILLER_WORDS, STOP_WORDS, words

_COURTESIES = re.compile(
    r"\b(?:no (?:problem|worries|rush)|don't worry(?: about it)?|never ?mind|go (?:ahead|on)|after you|excuse me"
    r"|have a (?:good|nice|great|lovely) (?:one|day|evening|night|morning|afternoon|weekend)|(?:you're|you are) welcome"
    r"|take care|take it easy|(?:see|catch|talk to) (?:you|ya)(?: later| soon| around| then)?|how are you(?: doing)?"
    r"|how's it going|what's up|(?:i'm|i am) (?:fine|good|sorry|okay|ok)|that's (?:fine|okay|ok|it|alright|right)"
    r"|there you go|here (?:you|we) (?:go|are)|nice to meet you|good (?:morning|afternoon|evening|night)"
    r"|of course|my pleasure|you bet|same here|(?:bless|thank) you(?: so much| very much)?|thanks a lot"
    r"|anything else|let me see|hold on(?: a (?:second|minute))?|(?:just |wait )?a (?:second|moment|minute|sec)"
    r"|(?:just )?one (?:second|moment|minute|sec)|hang on|i guess(?: so)?"
    r"|how(?:'s| is| are)(?: you)?(?: all)? (?:things|life|everything|yourself|keeping)|(?:and )?yourself"
    r"|(?:i'm|i am) (?:well|grand|all right|alright|not too bad)|not (?:too |so )?bad|not a bother|no complaints"
    r"|(?:can't|cannot|mustn't) (?:complain|grumble)|same as (?:ever|always)|same old|you too|and you|mind yourself"
    r"|(?<![a-z] )morning(?=[,.!])"
    r"|good luck|safe home|cheers|my (?:dear|love|friend)|every (?:day|time)|have a good one"
    r"|(?:it's )?(?:a )?(?:cold|hot|warm|wet|chilly|soft|nice|lovely) (?:day|one|out)?"
    r"(?:,? (?:innit|isn't it|today))?)\b",
    re.IGNORECASE,
)
_CHECK = re.compile(
    r"\b(?:(?:mic|microphone|sound|audio) (?:check|test)"
    r"|test(?:ing)?(?:[,.]? test(?:ing)?)*(?:[,.]? (?:one|1|two|2|three|3))+"
    r"|(?:can|do) you hear me|(?:i can|can't) hear you|is (?:this|it|that)(?: thing)? (?:on|working|recording)"
    r"|(?:it's|it is) (?:on|working|recording))\b",
    re.IGNORECASE,
)
_COUNTING = re.compile(r"\b(?:one|two|three|four|1|2|3|4)\b", re.IGNORECASE)
_ADDRESSED = r"^(?:(?:hey|ok|okay) \w+,? )?(?:please |can you |could you )?"
_DEVICE = r"(?:lights?|lamps?|tv|television|radio|music|heating|heater|fan|ac|air conditioning|volume|alarm|timer)"
_ORDER = re.compile(
    _ADDRESSED + r"(?:(?:turn|switch) (?:on |off |up |down |the |my |all )*" + _DEVICE + r"\b.*"
    r"|(?:set|start|stop|cancel) (?:an? |the |my )*(?:\d+ |\w+ )?(?:minutes? )?(?:timer|alarm|stopwatch)\b.*"
    r"|(?:play|pause|resume|stop|skip)(?: \w+){0,4} (?:music|songs?|track|playlist|podcast|radio|video|album)"
    r"|pause|resume|stop|skip|play"
    r"|next (?:song|track)|(?:un)?mute|volume (?:up|down)|louder|quieter"
    r"|what(?:'s| is) the (?:time|weather|temperature)\b.*|what time is it\b.*)[.?!]*$",
    re.IGNORECASE,
)
_LONGEST_ORDER = 12
_EXCLAIMED = 3
"""So few words are said to a screen: "oh dear me"."""
_WAKES = re.compile(r"\b(?:(?:hey|ok|okay) (?:google|siri|cortana|bixby)|alexa|siri)\b", re.IGNORECASE)
_ORDERING = frozenset(
    """
    ac alarm ambient back bedroom brightness cancel degrees dim down fan heating hours kitchen lamp light lights living
    louder minutes mute next off pause percent play playlist previous quieter radio resume room seconds set skip song
    start stop switch temperature time timer track turn tv unmute up volume weather
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
_BROADCAST = re.compile(
    r"\b(?:right back after|(?:after|back from) the break|stay tuned|don't go away|restrictions apply"
    r"|terms and conditions|call now|(?:percent|%) off|zero percent|this (?:weekend|week) only|brought to you by"
    r"|from the makers of|your (?:local|nearest) dealer|while stocks last|for (?:one|two|three|four|five|six) hundred"
    r"|calling at|next (?:stop|station)|this is a customer announcement|the next train|we apologi[sz]e for"
    r"|mind the gap|unattended|see it[,.]? say it|breaking news|coming up next|now back to)\b",
    re.IGNORECASE,
)

_FOREIGN = {
    "de": """
        ach aha alles also auch auf ähm äh bis bitte danke dann dann dir du er es ganz gern gerne genau geht
        gehts gleich gleichfalls gut gute guten hallo hi hm hören hörst höre ich ihnen ist ja jetzt klar machs
        mal mich mir moin morgen na nee nein noch nun ok okay prima schön schöne schönen sehr servus sie so
        stimmt super tag abend nacht tschüss tschau und vielen wie wiedersehen wiederhören wir wunderbar
        zusammen da das doch eben wochenende
    """,
    "es": """
        a adiós ah ajá bien bueno buenas buenos bye chao cómo con de del días tardes noches el ella eh en
        entonces es está estás esto favor gracias hasta hola igual igualmente la lo luego mañana más me muchas
        muy no nos o oye ok okay pasa perdón perfecto por pronto pues qué que sí si tal te tú tu usted vale y
        ya yo oyes me escuchas verdad claro
    """,
    "fr": """
        à a ah alors au aussi beaucoup bien bon bonjour bonne bonsoir ça ciao comment d'accord de deux donc
        entendez entends et euh excusez est-ce fait hein je journée soirée la là le les m'entends m'entendez
        mais merci moi non nuit oh ok okay ou oui ouais pardon parfait pas plaît plaît-il pour que quoi revoir
        s'il salut si tard bientôt plus tout très tu un va vas vous y allô voilà
    """,
    "it": """
        a ah allora anche arrivederci bene benissimo buon buona buonasera buongiorno buonanotte certo che ci
        ciao come con cosa d'accord d'accordo di dopo e è eh ecco fa favore giornata serata grazie ho il io la
        lei ma me mi mille molto no non oh ok okay per perfetto piacere più poi prego presto pronto sì senti
        senta sta stai sto scusa scusi tu tutto un va vabbè vai
    """,
    "pt": """
        a adeus ah até alô beleza bem boa boas bom obrigado obrigada com como certo claro de desculpa desculpe
        dia tarde noite e é eh então está estou eu favor isso já lá logo mais me muito não né o oi olá ok okay
        para perfeito por pois prazer que sim só tá tchau tudo tu um você ouve ouvindo ouvir vai vou
    """,
}
"""Greetings, courtesies and the small words that stand between them, where Latin letters are written."""

_UNSPACED = re.compile(
    "|".join(
        sorted(
            """
            もしもし はい ええ うん どうも ありがとうございました ありがとうございます ありがとう
            失礼します 失礼しました すみません お疲れ様です お疲れさまです おはようございます こんにちは
            こんばんは さようなら じゃあね またね では じゃあ あの えっと えーと そうですね そうです
            なるほど お願いします いいえ 聞こえますか 聞こえます あ え お 喂 你好 您好 听得见吗
            听得见 听到吗 听到 好的 好吧 好 再见 拜拜 谢谢 不客气 没事 没关系 对不起 不好意思 嗯
            啊 哦 呃 是的 是 对 早上好 晚上好 晚安 吗 呢 吧 了 那 就 这样 नमस्ते हैलो
            हेलो हाँ हां जी नहीं ठीक है धन्यवाद शुक्रिया अच्छा
            आप कैसे हैं हो तुम मैं सुन रहा रही हूँ हूं क्या
            алло привет здравствуйте пока спасибо пожалуйста
            да нет ну так хорошо ладно слышно меня вас до
            свидания 여보세요 네 예 안녕하세요 안녕히 계세요 가세요 감사합니다 아니요 음 어
            مرحبا أهلا السلام عليكم نعم لا شكرا مع السلامة
            """.split(),  # noqa: SIM905 - reads better than a list of strings
            key=len,
            reverse=True,
        )
    )
)

_SMALL = frozenset(word for text in _FOREIGN.values() for word in text.split())


def telling_words(text: str, language: str | None) -> list[str]:
    """The words, in Latin letters, that are neither courtesy nor filler nor too small to say anything.

    Args:
        text: what was said.
        language: what is spoken, as a BCP-47 tag; where it is not known, small words of all languages are none.
    """
    primary = primary_subtag(language)
    small = STOP_WORDS | FILLER_WORDS
    if primary in _FOREIGN:
        small |= frozenset(_FOREIGN[primary].split())
    elif primary != "en":
        small |= _SMALL
    plain = _COURTESIES.sub(" ", text.replace("\u2019", "'"))
    return [word for word in (found.lower() for found in words(plain)) if word not in small]


def is_check(text: str, language: str | None) -> bool:
    """Whether somebody only tries whether they are heard."""
    if _CHECK.search(text) is None:
        return False
    return len(telling_words(_COUNTING.sub(" ", _CHECK.sub(" ", text)), language)) <= 1


def is_order(text: str) -> bool:
    """Whether it is nothing but a short order to a device."""
    return len(text.split()) <= _LONGEST_ORDER and _ORDER.match(" ".join(text.split())) is not None


def is_orders(texts: Sequence[str]) -> bool:
    """Whether what somebody says is orders to a device that they call by its name, one after the other."""
    if not any(_WAKES.search(text) for text in texts):
        return False
    pieces = [piece for text in texts for piece in re.split(r"[.!?,]+", _WAKES.sub(" ", text))]
    return all(len(set(telling_words(digits(piece), "en")) - _ORDERING) <= 1 for piece in pieces)


def is_broadcast(heard: str, said: Sequence[str]) -> bool:
    """Whether what others say is a broadcast or an announcement, and who hears it says next to nothing.

    Args:
        heard: what others said.
        said: the user's own turns.
    """
    telling = [text for text in said if telling_words(text, "en")]
    if len(telling) > 1 or any(len(words(text)) > _EXCLAIMED for text in telling):
        return False
    return _BROADCAST.search(heard) is not None


def is_unspaced_filler(text: str) -> bool:
    """Whether of a text in other letters nothing is left without its greetings and courtesies."""
    return not any(character.isalpha() for character in _UNSPACED.sub("", text))
