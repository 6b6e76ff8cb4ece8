"""Each kind of lasting fact is heard in the forms in which people say it, and not in what only sounds like it."""

import pytest

from common.llm.own_words.statements import statements

KINDS = {
    "work and role": (
        {
            "Because I'm the only designer on the team, I do it all.": "is the only designer on the team",
            "hi i'm a plumber and i have a van": "is a plumber",
            "I'm with the fire brigade.": "is with the fire brigade",
            "We run a small hotel by the lake.": "runs a small hotel by the lake",
            "We're both teachers.": "is a teacher",
            "I happen to be a lawyer.": "is a lawyer",
            "I took over the bakery from my father.": "took over the bakery from their father",
            "When I worked for the railway, that was normal.": "once worked for the railway",
            "I haven't flown in twenty years.": "has not flown for twenty years",
        },
        [
            "I'm with you.",
            "I run into Tom.",
            "I work on it tomorrow.",
            "I'm the one who asked.",
            "Say I'm a customer and I have a dog.",
            "He wrote that I am a liar.",
            "We're strangers here.",
            "I lead the way.",
        ],
    ),
    "place and home": (
        {
            "I live alone since Tom moved out.": "lives alone since Tom moved out",
            "We moved here from Ohio two years ago.": "moved here from Ohio",
            "I spent ten years in Japan.": "spent ten years in Japan",
            "We rent out a small flat in Leeds.": "rents out a small flat in Leeds",
            "Since we moved to the coast everything is calmer.": "once moved to the coast",
        },
        [
            "I'm at the station.",
            "We live in strange times.",
            "I was in Berlin last week.",
            "I moved the chair to the window.",
            "I would love to live there.",
            "I'm from the bank, hello.",
        ],
    ),
    "kin": (
        {
            "My son is fifteen, it is hard.": "'s son is fifteen",
            "My wife's parents live around the corner.": "'s wife's parents live around the corner",
            "My dad was a fisherman.": "'s dad was a fisherman",
            "I lost my mother in spring.": "lost their mother in spring",
            "Both my kids play football.": "'s kids play football",
            "I'm the youngest of five.": "is the youngest of five",
        },
        [
            "My colleague will send it.",
            "My mum is here.",
            "My parents have arrived.",
            "My wife works on it.",
            "I lost.",
        ],
    ),
    "health": (
        {
            "You should know that I'm on blood thinners.": "is on blood thinners",
            "I take blood thinners, does that matter here?": "takes blood thinners",
            "I get terribly seasick, so no boats please.": "gets terribly seasick",
            "The dentist says I grind my teeth at night.": "grinds their teeth at night",
            "My eyesight is bad.": "'s eyesight is bad",
            "I'm hard of hearing on that side.": "is hard of hearing on that side",
            "I had a heart attack in 2019.": "had a heart attack in 2019",
            "I have trouble falling asleep.": "has trouble falling asleep",
        },
        [
            "I have a headache.",
            "I have trouble with the printer.",
            "I'm too tired.",
            "My heart was racing.",
            "I can't drink this.",
            "I don't eat now.",
            "My dad has a cold.",
        ],
    ),
    "habits": (
        {
            "I keep bees at the back of the garden.": "keeps bees at the back of the garden",
            "I donate to the lifeboats every month.": "donates to the lifeboats every month",
            "On Fridays I don't work.": "does not work on Fridays",
            "I give blood twice a year.": "gives blood twice a year",
            "I read the paper every morning.": "reads the paper every morning",
            "We heat with wood.": "heats with wood",
            "I don't watch the news any more.": "stopped watching the news",
            "In the mornings I swim.": "swims in the mornings",
            "I always book the aisle seat.": "always books the aisle seat",
            "I faint when I see blood.": "faints when they see blood",
            "I stopped smoking.": "stopped smoking",
            "I used to smoke a pack a day.": "used to smoke a pack a day",
            "I have choir on Mondays.": "has choir on Mondays",
        },
        [
            "On Friday I don't work.",
            "I play the first song again.",
            "I write you a message.",
            "I do the dishes.",
            "I go every time you call.",
            "I keep forgetting.",
            "I always forget.",
            "I cook tonight for everyone.",
            "I give you the keys.",
            "I read the first page.",
            "I run to the shop.",
            "I speak for everyone.",
            "We guess it works.",
        ],
    ),
    "likes and dislikes": (
        {
            "I can't stand coriander.": "dislikes coriander",
            "I'm not a fan of open offices.": "is not a fan of open offices",
            "I'd never go back to Windows.": "never goes back to Windows",
            "I'm more into jazz.": "is more into jazz",
            "My favourite painter is Turner.": "'s favourite painter is Turner",
        },
        [
            "I like the second one much better.",
            "I prefer the blue paint.",
            "I prefer Tuesday.",
            "I don't like the colour.",
            "I love that idea.",
            "My favourite subject.",
            "I can't stand up.",
        ],
    ),
    "skills and studies": (
        {
            "I'm in my second year of medicine.": "is in their second year of medicine",
            "I did my PhD on glaciers.": "did their PhD on glaciers",
            "I can't read music.": "cannot read music",
            "I speak a little Italian.": "speaks a little Italian",
            "I know sign language.": "knows sign language",
            "I never learned to drive.": "never learned to drive",
        },
        [
            "I know the answer.",
            "I can do that.",
            "I learned a lot.",
            "I can't find it.",
            "I've seen it.",
            "I study it first.",
        ],
    ),
    "plans that last": (
        {
            "I want to become a pilot.": "wants to become a pilot",
            "My dream is to open a bookshop.": "'s dream is to open a bookshop",
            "I'm going to be a father.": "plans to be a father",
            "I'm saving up for a boat.": "is saving up for a boat",
        },
        [
            "I want to go home.",
            "I plan to leave at six.",
            "I'm going to open the window.",
            "I decided to wait.",
            "I want the red one.",
        ],
    ),
    "what began long ago": (
        {
            "I've been leading this team for two years.": "has been leading this team for two years",
            "We've owned this house since 1998.": "has owned this house since 1998",
            "I've always been afraid of water.": "has always been afraid of water",
            "We've only been in this flat since March.": "has been in this flat since March",
        },
        ["I've been waiting for an hour.", "I've had enough.", "I've been there.", "I've never seen anything like it."],
    ),
}


@pytest.mark.parametrize(
    ("said", "told"), [(said, told) for positives, _ in KINDS.values() for said, told in positives.items()]
)
def test_what_lasts_is_told(said: str, told: str) -> None:
    expected = f"Ann{told}" if told.startswith("'") else f"Ann {told}"
    assert expected in [content for _, content in statements(said, user="Ann")]


@pytest.mark.parametrize("said", [said for _, misses in KINDS.values() for said in misses])
def test_what_passes_or_says_nothing_is_not(said: str) -> None:
    assert list(statements(said, user="Ann")) == []


@pytest.mark.parametrize(
    "said",
    [
        "She says that I work at the harbour.",
        "They think I live here.",
        "He asked why I live alone.",
        "I doubt that I have a talent for it.",
        "If I were a doctor I would know.",
        "Imagine I had three kids.",
        "Do I look like a millionaire?",
        "I'm joking, I'm kidding, I have twelve wives if you ask.",
        "Maybe I am a vegetarian.",
    ],
)
def test_what_another_says_or_what_is_only_supposed_is_not(said: str) -> None:
    assert list(statements(said, user="Ann")) == []
