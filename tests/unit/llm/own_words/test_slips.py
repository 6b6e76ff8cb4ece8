"""What is taken for granted and what slips out: possessions, trades, groups, and what things do to somebody."""

import pytest

from common.llm.own_words.hints import hints
from common.llm.own_words.possessions import YOURS, possessions


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ("Can somebody walk my dog?", ["Ann has a dog"]),
        ("If my husband calls, tell him.", ["Ann has a husband"]),
        ("My students ask me that every year.", ["Ann has students"]),
        ("I left it in my greenhouse.", ["Ann has a greenhouse"]),
        ("My older sister knows.", ["Ann has an older sister"]),
        ("That's my dance class.", ["Ann takes dance lessons"]),
        ("My bass amp sounds like a bee.", ["Ann plays bass"]),
        ("It's my third marathon.", ["Ann is on their third marathon"]),
        ("Your dog is lovely.", []),
        ("My dog-eared book.", []),
        ("My phone is dead.", []),
        ("I wish my dog could talk.", []),
        ("He is like my son.", []),
        ("My turn.", []),
    ],
)
def test_what_is_mine_is_had(said: str, facts: list[str]) -> None:
    assert [content for _, content in possessions(said, user="Ann")] == facts


def test_what_others_call_yours_is_the_users() -> None:
    assert list(possessions("How is your dog?", user="Ann", owners=YOURS)) == [(4, "Ann has a dog")]


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ("As a nurse I see that a lot.", ["Ann is a nurse"]),
        ("As treasurer I have to say no.", ["Ann is treasurer"]),
        ("Being a teacher, I notice spelling.", ["Ann is a teacher"]),
        ("Us altos are always too loud.", ["Ann is one of the altos"]),
        ("Well, we don't get much maths in psychology.", ["Ann is in psychology"]),
        ("Here in accounting we use paper.", ["Ann is in accounting"]),
        ("Wine gives me migraines.", ["Wine gives Ann migraines"]),
        ("Cooking relaxes me.", ["Cooking relaxes Ann"]),
        ("Milk doesn't agree with me.", ["Ann cannot tolerate Milk"]),
        ("Photography is my hobby.", ["Ann's hobby is Photography"]),
        ("Hi, this is Ada Brandt from Calder.", ["Ann is called Ada Brandt"]),
        ("With two kids we need more rooms.", ["Ann has two kids"]),
        ("I have to pick up the kids at four.", ["Ann has kids"]),
        ("As a kid I was afraid of it.", []),
        ("As a rule I say no.", []),
        ("As soon as I know I call.", []),
        ("The noise makes me sad.", []),
        ("That makes me sick.", []),
        ("You make me nervous.", []),
        ("We guess it works.", []),
        ("You guys are early.", []),
        ("With two bags we can't run.", []),
        ("In theory we are done.", []),
        ("Maybe photography is my hobby.", []),
        ("This is Rome.", []),
    ],
)
def test_what_slips_out(said: str, facts: list[str]) -> None:
    assert [content for _, content in hints(said, user="Ann")] == facts
