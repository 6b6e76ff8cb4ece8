"""What is hidden, what is not, and how long that takes."""

import time
from pathlib import Path

import pytest

from common.llm.redacting.redact import find, redact, redact_json, redact_lines

DIALOGUES = Path(__file__).parents[3] / "data" / "dialogues"

HIDDEN = {
    "My card is 4111 1111 1111 1111, expires 12/26.": "My card is [card number], expires 12/26.",
    "5555555555554444": "[card number]",
    "Amex 3782-822463-10005 please": "Amex [card number] please",
    "four one one one, one one one one, one one one one, one one one one": "[card number]",
    "It's four triple one double one double one uh one one one one one one one one okay": ("It's [card number] okay"),
    "vier eins eins eins eins eins eins eins eins eins eins eins eins eins eins eins": "[card number]",
    "forty one eleven eleven eleven eleven eleven eleven eleven is my Visa": "[card number] is my Visa",
    "User: four one one one one one one one\nUser: one one one one one one one one": (
        "User: [card number]\nUser: [card number]"
    ),
    "cards 4111 1111 1111 1111, 5500 0000 0000 0004": "cards [card number], [card number]",
    "4111111111111111\n5500000000000004\n378282246310005": "[card number]\n[card number]\n[card number]",
    "paid 20, 4111111111111111, 30": "paid 20, [card number], 30",
    "my visa is 12/27 4111-1111-1111-1111 123": "my visa is 12/27 [card number] 123",
    "Speaker 1: 4111 1111\nSpeaker 1: 1111 1111": "Speaker 1: [card number]\nSpeaker 1: [card number]",
    "The IBAN is DE89 3704 0044 0532 0130 00, thanks": "The IBAN is [account number], thanks",
    "GB82WEST12345698765432": "[account number]",
    "My SSN is 536-90-4399.": "My SSN is [identity number].",
    "my social security number is five three six nine oh four three nine nine": (
        "my social security number is [identity number]"
    ),
    "Meine Steuer-ID ist 36 574 261 809": "Meine Steuer-ID ist [identity number]",
    "NIR 2 95 10 99 126 111 93": "NIR [identity number]",
    "mi DNI es 54362315K": "mi DNI es [identity number]",
    "NIE X2482300W": "NIE [identity number]",
    "codice fiscale RCCMNL83S18D969H": "codice fiscale [identity number]",
    "NI number QQ123456C or AB 12 34 56 C": "NI number QQ123456C or [identity number]",
    "PESEL 44051401359": "PESEL [identity number]",
    "CPF 231.002.999-00": "CPF [identity number]",
    "Aadhaar number is 2341 2341 2346": "Aadhaar number is [identity number]",
    "My passport number is 512345678": "My passport number is [identity number]",
    "My password is hunter2.": "My password is [password].",
    "The wifi password for guests is Sunflower!42, okay": "The wifi password for guests is [password], okay",
    "mein Passwort ist Sonnenblume.": "mein Passwort ist [password].",
    "mi contraseña es gato123": "mi contraseña es [password]",
    "my password is capital H U N T E R two": "my password is [password]",
    "my password is hunter two": "my password is [password]",
    'The password is "open sesame" today': 'The password is "[password]" today',
    "the passphrase is correct horse battery staple": "the passphrase is [password]",
    "DB_PASSWORD=s3cr3t-value": "DB_PASSWORD=[password]",
    '{"api_key": "abcd1234efgh"}': '{"api_key": "[password]"}',
    "postgres://bob:topsecret@db.example.com/x": "postgres://bob:[access key]@db.example.com/x",
    "use sk-proj-abcdefghijklmnopqrstuvwx now": "use [access key] now",
    "key AKIAIOSFODNN7EXAMPLE": "key [access key]",
    "Authorization: Bearer abcdef0123456789abcdef": "Authorization: Bearer [access key]",
    "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N": "token [access key]",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\nend": "[access key]\nend",
    "Your verification code is 482913.": "Your verification code is [secret code].",
    "482913 is your verification code": "[secret code] is your verification code",
    "The backup access codes are 482913, 193847, and 556677.": (
        "The backup access codes are [secret code], [secret code], and [secret code]."
    ),
    "My SSNs are, well, my social security number is 536904399, 536904400 his": (
        "My SSNs are, well, my social security number is [identity number], [identity number] his"
    ),
    "my PIN is four five six seven": "my PIN is [secret code]",
    "the security code on the back, the cvv, is 123": "the security code on the back, the cvv, is [secret code]",
    "What's the PIN?\nUser: it's 4567": "What's the PIN?\nUser: it's [secret code]",
}

ORDINARY = (
    "Call me at +1 415 555 2671 or (020) 7946 0958.",
    "Meine Nummer ist 0171 2345678, ruf mich an.",
    "call me on oh seven seven double oh nine hundred one two three",
    "The meeting is on 2026-11-26 at 14:30, room 4111.",
    "It cost $1,234.56 plus 19% tax, 4,500 euros in total.",
    "Flight LH 4012 leaves at 6:45, seat 14C, booking ABC123.",
    "My zip code is 94110 and the area code is 415.",
    "The error code is 404 and the promo code is SAVE20.",
    "I think the password is wrong. It is expired.",
    "The password is too short and my password is not working.",
    "Numbers of cards, passwords, keys and codes are replaced.\nSo it goes.",
    'curl -H "Api-Key: $API_KEY" there',
    "He reset his password. Passwords are annoying.",
    "one two three four five six seven eight nine ten eleven twelve",
    "In 2024 and 2025 we sold 1200 and 1350 units, 1500 in 2026.",
    "The order number is 1234567890123456.",
    "Epoch 1764184637123 and EAN 4006381333931.",
    "We pinned the 2024 budget to the wall, then pin the 2025 one.",
    "Version 10.15.7 runs on 192.168.178.20:8080.",
    "The secret is to keep going. The key is patience.",
    "id 550e8400-e29b-41d4-a716-446655440000",
    "Track 1Z999AA10123456784 with the carrier.",
    "sei due o tre volte, poi sette otto giorni",
    "Un dos tres, un pasito pa'lante María.",
    "We have two, three or four options and five, six people.",
    "The dress code is casual; our code is clean since 2019.",
    "The population was 4 532 123 in 1990 and 5 105 105 in 2010.",
    "The social security reform of 1983 came 40 years after 1943.",
)


@pytest.mark.parametrize("text", HIDDEN)
def test_it_hides_what_nobody_else_shall_learn(text: str) -> None:
    assert redact(text) == HIDDEN[text]


@pytest.mark.parametrize("text", ORDINARY)
def test_it_leaves_ordinary_talk_alone(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("text", HIDDEN)
def test_what_is_hidden_stays_as_it_is(text: str) -> None:
    assert redact(redact(text)) == redact(text)


def test_in_the_labelled_dialogues_only_an_account_number_is_to_be_hidden() -> None:
    dialogues = [path.read_text() for path in DIALOGUES.glob("*.yaml")]
    assert len(dialogues) > 40
    hidden = [text[each.start : each.end] for text in dialogues for each in find(text)]
    assert hidden == ["double four, one, seven, nine, oh, two, six"]


def test_a_number_with_a_wrong_checksum_is_no_card() -> None:
    assert redact("order 4111 1111 1111 1112") == "order 4111 1111 1111 1112"


def test_lines_that_follow_each_other_are_read_together() -> None:
    assert redact_lines(["four one one one one one one one", "one one one one one one one one", "bye"]) == [
        "[card number]",
        "[card number]",
        "bye",
    ]
    key = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"
    assert redact_lines([f"here: {key}", "thanks\nbye"]) == ["here: [access key]", "thanks\nbye"]
    assert redact_lines([]) == []


def test_texts_within_json_are_redacted_and_names_are_not() -> None:
    assert redact_json({"note": ["my password is hunter2", 4, True, None], "n": {"at": 1.5}}) == {
        "note": ["my password is [password]", 4, True, None],
        "n": {"at": 1.5},
    }


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ({"password": "banana"}, {"password": "[password]"}),
        ({"userPassword": ["tree", "", None]}, {"userPassword": ["[password]", "", None]}),
        ({"api_key": "blue"}, {"api_key": "[access key]"}),
        ({"X-Api-Key": 12345}, {"X-Api-Key": "[access key]"}),
        ({"accessToken": "abc"}, {"accessToken": "[access key]"}),
        ({"client_secret": "cat"}, {"client_secret": "[password]"}),
        ({"pin": 4567, "cvv": "123"}, {"pin": "[secret code]", "cvv": "[secret code]"}),
        ({"deep": [{"passphrase": "one"}]}, {"deep": [{"passphrase": "[password]"}]}),
    ],
)
def test_what_a_fields_name_gives_away_is_hidden_whatever_it_looks_like(field: object, shown: object) -> None:
    assert redact_json(field) == shown
    assert redact_json(shown) == shown


@pytest.mark.parametrize(
    "field",
    [
        {"password": {"minimum": 8}, "password_required": True, "secret": False},
        {"pin": "top", "pinned": "4567", "page_token": "abc", "key": "C major", "keys": ["a"], "secretary": "Ann"},
        {"token_count": 12, "compass": "north", "passwords_changed": 3},
    ],
)
def test_other_names_give_nothing_away(field: object) -> None:
    assert redact_json(field) == field


def test_a_card_that_is_given_as_a_whole_number_is_hidden() -> None:
    assert redact_json({"card": 4111111111111111, "at": 1764184637123}) == {
        "card": "[card number]",
        "at": 1764184637123,
    }


def test_hours_of_talk_take_less_than_a_second_per_hour() -> None:
    line = " ".join(ORDINARY) + " " + " ".join(HIDDEN)
    hours = 4
    transcript = "\n".join(f"Speaker {n % 3}: {line}" for n in range(hours * 60_000 // len(line)))
    began = time.process_time()
    assert "[card number]" in redact(transcript)
    assert time.process_time() - began < hours * 0.5


@pytest.mark.parametrize(
    "text", ["1 " * 20_000, "a" * 200_000, "eyJ" * 50_000, "my password is " * 5_000, "one\n" * 8_000, ": " * 30_000]
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 2.0
