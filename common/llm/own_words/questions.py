"""Questions in English that ask somebody about themselves, and the statement that an answer to each makes."""

import re

from common.llm.own_words.belongings import HAD, ILLNESS

_ANY = r"(?:an?|any|any other|your own|some)"
_ASKED = (
    (
        (
            r"where (?:do|are) you (?:two |both |guys )?(?:live|living|based)|where are you (?:two"
            r" )?(?:these days|nowadays)"
            r"|where do you call home"
        ),
        "I live {in}",
    ),
    (r"who (?:do you|are you) liv(?:e|ing) with|who lives with you", "I live {with}"),
    (r"(?:where do you|who do you|which company do you) work(?: for)?", "I work {at}"),
    (r"where (?:are you|do you come|are you two) from|where are you (?:originally )?from", "I am from {bare}"),
    (r"where did you grow up|where were you born", "I grew up {in}"),
    (r"where did you (?:study|go to (?:university|college|school))", "I studied {at}"),
    (
        (
            r"what (?:do you do(?: for (?:a living|work)| (?:up|over|down|out)? ?there| these days| then|"
            r" exactly)*|is it you do"
            r"|are you working as|kind of work do you do|line of work are you in)(?=\?|$)|what(?:'s| is)"
            r" your (?:job|profession)"
        ),
        "I {trade}",
    ),
    (r"what (?:do|are|did) you (?:study|studying)|what(?:'s| is) your major", "I study {bare}"),
    (r"how old are you", "I am {years}"),
    (r"what(?:'s| is) your (?:full |last |first )?name|what do (?:people|they) call you", "People call me {bare}"),
    (
        (
            r"(?:any|have you got any|do you have any|are there any) (?:food )?allergies|(?:are you"
            r"|anything you(?:'re| are)) allergic(?: to (?:anything|something))?"
        ),
        "I am allergic to {bare}",
    ),
    (
        (
            r"(?:anything|something|any food) (?:that )?you (?:don't|can't|do not|cannot|won't) eat|what"
            r" (?:don't|can't) you eat"
        ),
        "I do not eat {bare}",
    ),
    (
        (
            r"(?:any|do you have any|are there any) (?:\w+ )?(?:health problems|health issues|conditions"
            r"|illnesses|medical history)"
        ),
        "I have {bare}",
    ),
    (
        (
            rf"(?:do you have|have you got) (?:{_ANY} )?(?:brothers or sisters|siblings|kids|children|pets|animals)"
            r"|how many (?:kids|children|siblings|dogs|cats|brothers|sisters|animals|horses)(?: (?:do you"
            r" have|have you got))?"
        ),
        "I have {counted}",
    ),
    (r"^and (?:the|your|any) (?:kids|children|pets|animals|siblings)\?", "I have {counted}"),
    (rf"(?:do you have|have you got) {_ANY} (?P<thing>(?:[\w-]+ )?(?:{HAD}|{ILLNESS}))(?=\?)", "I have {thing}"),
    (
        (
            r"(?:what|which) (?:kind of )?(?P<object>languages?|instruments?|subjects?|sports?) do you"
            r" (?P<verb>speak|play|teach|do)"
        ),
        "I {verb} {bare}",
    ),
    (r"do you play an(?:y)? instruments?", "I play {bare}"),
    (r"^(?:and )?(?:what|which) subjects?(?: was it)?(?=\?)", "I teach {bare}"),
    (
        (
            r"what (?:kind of (?:\w+ ))?do you (?:usually |mostly )?(?P<verb>play|write|teach|sell|grow"
            r"|make|paint"
            r"|build|drive|ride|raise|collect|design|coach|bake|breed)(?=\?)"
        ),
        "I {verb} {bare}",
    ),
    (r"how (?:often|much|far) do you (?P<verb>(?!need\b|want\b|think\b|know\b|get\b)[^?]+)(?=\?)", "I {verb} {said}"),
    (r"when(?:'s| is) your birthday", "My birthday is {bare}"),
    (
        r"(?:what|who)(?:'s| is) your (?P<which>favou?rite [\w ]{2,20}?)(?=\?|$)",
        "My {which} is {bare}",
    ),
    (
        (
            r"(?:do you take|are you (?:currently )?(?:taking|on)) (?:(?:any|anything|something|other) ?)*(?:medication"
            r"|medicines?|drugs|pills|tablets)?(?: regularly)?(?=\?|$)"
        ),
        "I take {bare}",
    ),
    (r"what are your hobbies|what do you do (?:in your (?:free|spare) time|for fun)", "My hobby is {bare}"),
    (r"when did you move (?P<where>here|to [A-Z]\w+)", "I moved {where} {when}"),
)
OPEN = tuple((re.compile(rf"(?:^|\b){question}", re.IGNORECASE), told) for question, told in _ASKED)
"""What is asked with the place of the answer open, and what the answer says."""

_HAPPENED = {
    "become": "became",
    "move": "moved",
    "quit": "quit",
    "stop": "stopped",
    "start": "started",
    "leave": "left",
    "sell": "sold",
    "retire": "retired",
    "give up": "gave up",
    "learn": "learned",
}
_GRANTED_DONE = re.compile(
    rf"\b(?:why|when|how) did you (?P<did>{'|'.join(_HAPPENED)})\b(?P<rest>[^?]+)\?", re.IGNORECASE
)
_WHY_NOT = re.compile(
    r"\b(?:why (?P<no>don't|can't|do not|cannot) you|how come you (?P<never>don't|can't|never)) (?P<rest>[^?]+)\?",
    re.IGNORECASE,
)


def granted(question: str) -> str | None:
    """What a question takes for granted of the one who is asked, told of "you"; None for others.

    "Why did you become a nurse?" grants that they became one, whatever the answer, unless it is no.
    """
    if (asked := _GRANTED_DONE.search(question)) is not None:
        return f"you {_HAPPENED[asked['did'].lower()]}{asked['rest']}"
    if (asked := _WHY_NOT.search(question)) is not None:
        negative = (asked["no"] or asked["never"] or "").lower()
        return " ".join(f"you {negative} {asked['rest']}".split())
    return None
