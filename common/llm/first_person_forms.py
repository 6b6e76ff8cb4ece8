"""The forms in which people say lasting things of themselves in English: what may follow "I", "we" and "my"."""

import re
from dataclasses import dataclass

from common.llm.words import content_words


def _any(*listed: str) -> str:
    """A pattern of any of the words in space-separated lists; an underscore stands for a space within one."""
    return f"(?:{'|'.join(word.replace('_', ' ') for each in listed for word in each.split())})"


_COUNT = _any("a an one two three four five six seven eight nine no some the my our another both several many")
_FEW = rf"(?:(?:{_COUNT}|\d+) (?:[\w-]+ ){{0,4}}|[\w-]+ )?"
"""What stands before a thing: a count with adjectives, or an adjective alone."""
# Objects that say nothing on their own: whoever "loves it" says nothing for good.
_SOMETHING = (
    "(?!"
    + _any(
        "it its that this these those them you your him her his how what when where why everything something here one",
        "there hearing seeing one being_able to_know to_think to_see to_say both all_of",
        r"the_idea the_way the_plan the_sound the_fact the_one the_look the_rest the_\w+_one",
    )
    + r"\b)\w"
)
_ILLNESS = _any(
    r"allerg\w+ intoleran\w+ asthma diabetes migraines? arthritis epilepsy adhd dyslexia insomnia celiac coeliac",
    "high_blood_pressure high_cholesterol anxiety tinnitus a_pacemaker",
)
_AILING = _any("allergic intolerant lactose gluten diabetic asthmatic coeliac celiac pregnant")
_HAD = _any(
    r"kids? child children sons? daughters? twins? brothers? sisters? siblings? wife husband girlfriend boyfriend",
    r"partner fianc[eé]e? grandkids grandchild grandchildren grandsons? granddaughters? nephews? nieces? cousins?",
    r"uncles? aunts? dogs? cats? puppy puppies kittens? rabbits? horses? parrots? hamsters? chickens goats bees pets?",
    r"tattoos? degree master's masters phd doctorate diploma licen[cs]e house flat apartment cottage cabin farm garden",
    r"boat car van motorbike motorcycle bike piano guitar violin company business shop store bakery restaurant podcast",
    r"blog channel startup studio citizenship passport accent phobia fear collection roommates? flatmates?",
)
_FOUNDED = _any("company business startup shop store bakery restaurant studio practice agency charity club band school")
_OFFICE = r"\w+(?:er|or|ist|ant|man|woman|head|chair|captain|coach|president)"
_TRAIT = _any(
    "allergic intolerant lactose gluten coeliac celiac vegetarian vegan pescatarian diabetic asthmatic dyslexic deaf",
    "blind left-handed right-handed married engaged divorced widowed single pregnant retired unemployed self-employed",
    "bilingual trilingual fluent from originally afraid_of scared_of terrified_of fond_of crazy_about obsessed_with",
    "passionate_about interested_in into keen_on good_at terrible_at bad_at good_with bad_with",
    "responsible_for in_charge jewish muslim christian catholic buddhist",
    "hindu atheist religious on_medication on_insulin on_antidepressants on_the_board",
    "on_night_shifts on_shifts more_of",
    "training_for learning studying writing_a writing_my building_a building_my raising restoring renovating",
    "working_as working_at working_for working_on working_in half colou?r-?blind",
    r"\d+_years (?:twenty|thirty|forty|fifty|sixty|seventy)\b[-_\w]*years?_old",
    "the_oldest the_youngest the_eldest the_head the_owner the_founder the_manager the_director",
)
_FIELD = "in " + _any(
    "marketing sales finance law medicine education construction logistics tech design real_estate insurance consulting"
)
_NO_TRAIT = _any(
    "bit little lot mess wreck fool idiot few hundred terrible huge bad day week minute fan_of_it fan_of_that"
)
_A_WHILE = _any("a_while a_minute a_moment a_bit an_hour")
_GETTING = _any("anxious nervous seasick carsick airsick dizzy migraines hives panicky panic_attacks claustrophobic")
_DEGREE = _any("severely very really highly deathly mildly")
_PROPER = r"(?-i:[A-Z])\w+"
_PEOPLE = r"(?-i:[A-Z]\w+(?:ese|ish|ian|an|ch|ek|i|se))\b"
_LIKING = (
    _any("like love enjoy hate dislike prefer adore avoid cannot_stand believe_in support collect")
    + "|do not "
    + _any("like enjoy care_for trust believe_in")
)
_DOING = _any(
    "play coach teach study studied taught majored_in graduated_from graduated_in volunteer manage lead run own design",
    "breed grow paint write restore build program_in sing_in",
)
_IDLE = _any("a_role games_with around out late into low errands")
_ROUTINE = _any(
    "choose pick prefer go_for drink eat go wake get_up run swim jog take read cook bike cycle walk sleep skip work",
    "start meditate wear use",
    "order train travel buy write have exercise fast bake do",
)
_EXERCISE = _any(
    "run swim jog go do walk play cycle meditate cook read train practi[cs]e take drink eat work_out volunteer visit",
    "call ride exercise bake pray attend",
)
_EVERY = _any(
    "every each twice_a once_a three_times_a four_times_a five_times_a daily weekly before_work after_work at_night",
    "on_(?:mon|tues|wednes|thurs|fri|satur|sun)days in_the_mornings? in_the_evenings?",
)
_FOR_LONG = r"(?:for|since) (?:\w+ )?(?:\d+|years?|\w+ years|childhood|college|university|school|i was)"
_NOT_LONG = _any("there thinking meaning trying waiting looking wondering busy sick so")
_WHERE = _any("in on at near with alone by outside next just around downtown across to from back_to up_in")
_AS_WHAT = _any("as at for in with from part full nights remotely freelance")
_PASSING = _any(r"my_own peace the_moment hope it me that this you")
_HABITS_LEFT = _any("smoking drinking eating coffee alcohol sugar meat my_job my_own an? learning taking studying")
_LEFT = _any("quit stopped gave_up given_up switched_to became become started")
_ALWAYS = _any("only always usually never often normally typically generally")
_TURNED = _any("really absolutely just do truly also still actually mostly usually always much simply")

RELATIVE = r"(?:(?:older|younger|little|big|twin|oldest|youngest|eldest) )?" + _any(
    r"wife husband partner girlfriend boyfriend fianc[eé]e? son daughter brother sister mother mom mum father dad",
    "parents kids children grandmother grandma grandfather grandpa aunt uncle cousin niece nephew mother-in-law",
    "father-in-law sister-in-law brother-in-law best_friend roommate flatmate boss manager dog cat doctor therapist",
    "dentist landlord neighbou?r stepson stepdaughter stepmother stepfather twin",
)
_OWN = _any(
    "name first_name last_name surname middle_name nickname birthday hometown blood_type native_language mother_tongue",
    "first_language shoe_size anniversary job profession hobby hobbies dream_job star_sign nationality pronouns",
    r"allergy favou?rite_[\w_]{2,30}? (?:daughter|son|wife|husband|dog|cat)'s_name",
)
_OF_RELATIVES = _any(
    "works? lives? plays? loves? likes? hates? speaks? study studies teach teaches runs? owns? has have died",
    "passed_away was_born moved goes_to is are",
)
_BEING = r"(?:called|named|an? |\d+|two|three|four|five|six|seven|eight|nine|ten|from |allergic|married|my |pregnant|"
_BEING += r"retired|deaf|blind|vegan|vegetarian|diabetic|"
_BEING += r"(?-i:[A-Z]))"


@dataclass(frozen=True)
class _Form:
    pattern: re.Pattern[str]
    weight: int


def _form(weight: int, *pattern: str) -> _Form:
    return _Form(re.compile("^" + "".join(pattern), re.IGNORECASE), weight)


_FORMS = (
    _form(9, rf"(?:was diagnosed with|suffer from|have (?:had )?{_FEW}{_ILLNESS}\b)"),
    _form(9, rf"am (?:{_DEGREE} )?{_AILING}\b"),
    _form(9, rf"(?:cannot|do not|never) (?:eat|drink|have|tolerate|digest) {_SOMETHING}"),
    _form(8, rf"(?:live|have (?:lived|been living)) {_WHERE} (?!{_PASSING}\b)"),
    _form(8, rf"(?:grew up|was born|was raised|come from|moved|settled) (?:{_WHERE} )?(?!{_PASSING}\b)\w"),
    _form(8, rf"(?:work|have (?:worked|been working)) {_AS_WHAT}\b(?: (?!{_PASSING}\b)|$)"),
    _form(8, rf"(?:have )?(?:co-?founded|founded|started|launched|opened) {_FEW}{_FOUNDED}\b"),
    _form(8, rf"(?:have|own|have got|adopted|bought) {_FEW}{_HAD}\b"),
    _form(
        7, rf"am (?:(?:also|actually|still|half|a|an|really|very|pretty|quite|so) )*(?:{_TRAIT}\b|{_FIELD}\b|{_PEOPLE})"
    ),
    _form(7, rf"am an? (?!{_NO_TRAIT}\b)\w"),
    _form(7, rf"have been (?!{_NOT_LONG}\b)(?:[\w' -]+? )?{_FOR_LONG}"),
    _form(7, r"take (?:[\w-]+ ){1,3}(?:for my|every|daily|twice|once)"),
    _form(7, r"(?:got|have been) married (?:to|in)\b"),
    _form(7, rf"am the (?:\w+ )?{_OFFICE} (?:of|at|for) \w"),
    _form(6, r"have never (?:eaten|drunk|smoked|driven|flown|owned|had|learned|been to) \w"),
    _form(6, rf"(?:{_TURNED} )*(?:{_LIKING})\b {_SOMETHING}"),
    _form(6, rf"(?:speak|understand) (?:(?:fluent|some|both|good|basic) )?{_PROPER}"),
    _form(6, rf"{_DOING} (?!{_IDLE}\b){_SOMETHING}"),
    _form(6, r"(?:have )?(?:decided|chosen) (?:to|not to|against) \w+"),
    _form(6, rf"(?:have )?{_LEFT} (?:{_HABITS_LEFT}\b|\w+ing\b)"),
    _form(6, r"(?:do not|never) (?:drive|smoke|drink|eat|own|cook|swim|fly|work|use)\b"),
    _form(6, rf"have (?:always )?(?:\w+ed|taught|known|had|run) {_SOMETHING}.*? (?:for|since) (?!{_A_WHILE}\b)"),
    _form(6, rf"get (?:(?:so|really|very|easily) )?{_GETTING}\b"),
    _form(5, r"(?:worked (?:as|at|for|in)|was an?) .+ for (?:\w+ ){0,2}(?:years|months)\b"),
    _form(6, r"(?:wear|need) (?:glasses|contacts|contact lenses|hearing aids?|a hearing aid|size)\b"),
    _form(5, rf"{_ALWAYS} {_ROUTINE}\b {_SOMETHING}"),
    _form(5, rf"{_EXERCISE} (?:\S+ ){{0,6}}{_EVERY}\b"),
    _form(5, r"used to (?:live|work|be|play|have|smoke|teach|own|run|study|serve)\b"),
    _form(5, r"(?:drive|ride) (?:a|an|my) \w"),
)
_OWN_IS = re.compile(
    rf"^(?:{_OWN}|{RELATIVE}'s name) (?:is|are|was) (?!{_any('so very too really not just always')}\b){_SOMETHING}",
    re.IGNORECASE,
)
_NAMING = re.compile(r"^(?:first |last |sur)?name|^birthday", re.IGNORECASE)
_RELATIVE_DOES = re.compile(rf"^{RELATIVE}(?:,? {_PROPER},?)? ({_OF_RELATIVES}) (.+)$", re.IGNORECASE)
_RELATIVE_IS = re.compile(f"^{_BEING}", re.IGNORECASE)
_RELATIVE_HAS = re.compile(rf"^{_FEW}(?:{_HAD}|{_ILLNESS})\b", re.IGNORECASE)
_IS_SOMETHING = re.compile(f"^{_SOMETHING}", re.IGNORECASE)


def weight_of(predicate: str) -> int:
    """How much what follows "I" or "we" matters for good; 0 where it doesn't."""
    if not content_words(predicate):
        return 0
    return max((form.weight for form in _FORMS if form.pattern.match(predicate)), default=0)


def weight_of_mine(predicate: str) -> int:
    """The same for what follows "my"."""
    if _OWN_IS.match(predicate):
        return 9 if _NAMING.match(predicate) else 7
    found = _RELATIVE_DOES.match(predicate)
    if found is None or not _IS_SOMETHING.match(found[2]):
        return 0
    verb = found[1].lower()
    if verb in {"is", "are"} and not _RELATIVE_IS.match(found[2]):
        return 0
    if verb in {"has", "have"} and not _RELATIVE_HAS.match(found[2]):
        return 0
    return 6
