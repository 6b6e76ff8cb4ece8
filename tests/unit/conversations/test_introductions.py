# ruff: noqa: RUF001 - letters of other alphabets are meant to be what they are
"""Somebody says his name, or something else."""

import pytest

from common.conversations.introductions import Introduction, introduced


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Hello, my name is Ann Lee and I work here.", "en", "Ann Lee"),
        ("So my name's Bob.", "en-GB", "Bob"),
        ("My name is Jean-Luc Picard of the Enterprise", "en", "Jean-Luc Picard"),
        ("my name is O'Brien", "en", "O'Brien"),
        ("MY NAME IS ANN", "en", "ANN"),
        ("Ich heiße Jürgen Müller und komme aus Köln.", "de", "Jürgen Müller"),
        ("Je m’appelle Chloé", "fr-FR", "Chloé"),
        ("Me llamo José Luis, mucho gusto", "es", "José Luis"),
        ("Mi chiamo Anna", "it", "Anna"),
        ("Eu me chamo João", "pt-BR", "João"),
        ("Ik heet Sanne", "nl", "Sanne"),
        ("Jag heter Åsa", "sv", "Åsa"),
        ("Jeg heter Øyvind", "nb", "Øyvind"),
        ("Jeg hedder Søren", "da", "Søren"),
        ("Minun nimeni on Aino", "fi", "Aino"),
        ("Nazywam się Łukasz Żak", "pl", "Łukasz Żak"),
        ("Jmenuju se Jiří", "cs", "Jiří"),
        ("Volám sa Zuzana", "sk", "Zuzana"),
        ("Меня зовут Анна и я врач", "ru", "Анна"),
        ("Мене звати Оксана", "uk", "Оксана"),
        ("Казвам се Иван", "bg", "Иван"),
        ("Mă numesc Ștefan", "ro", "Ștefan"),
        ("A nevem Kovács Anna", "hu", "Kovács Anna"),
        ("Με λένε Γιώργο", "el", "Γιώργο"),
        ("Benim adım Ayşe", "tr", "Ayşe"),
        ("Nama saya Budi", "id", "Budi"),
        ("Tên tôi là Linh", "vi", "Linh"),
        ("Em dic Jordi", "ca", "Jordi"),
        ("Zovem se Ana", "hr", "Ana"),
        ("Ime mi je Luka", "sl", "Luka"),
        ("Minu nimi on Mart", "et", "Mart"),
        ("Mano vardas Jonas", "lt", "Jonas"),
        ("Mani sauc Jānis", "lv", "Jānis"),
        ("Ako si Maria", "fil", "Maria"),
        ("はじめまして、田中と申します。", "ja", "田中"),
        ("私の名前は田中です", "ja", "田中"),
        ("제 이름은 김민수입니다", "ko", "김민수"),
        ("大家好，我叫王伟，很高兴", "zh-CN", "王伟"),
        ("اسمي أحمد", "ar", "أحمد"),
        ("שמי דוד", "iw", "דוד"),
        ("मेरा नाम राहुल है", "hi", "राहुल"),
        ("আমার নাম রহিম", "bn", "রহিম"),
        ("ผมชื่อสมชาย ครับ", "th", "สมชาย"),
        ("اسمي هو أحمد", "ar", "أحمد"),
        ("שמי הוא דני", "he", "דני"),
    ],
)
def test_a_phrase_that_names_says_the_name(text: str, language: str, name: str) -> None:
    assert introduced(text, language=language) == Introduction(name, certain=True)
    assert introduced(text) == Introduction(name, certain=True), "and where the language is not known"


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("I'm Bob, nice to meet you", "en", "Bob"),
        ("i am bob", "en", "bob"),
        ("This is Ann speaking", "en", "Ann"),
        ("Ich bin Lehrer", "de", "Lehrer"),
        ("Je suis Marie", "fr", "Marie"),
        ("Soy Pedro", "es", "Pedro"),
        ("Kovács Anna vagyok", "hu", "Kovács Anna"),
        ("Ben Ayşe", "tr", "Ayşe"),
        ("私は田中です", "ja", "田中"),
        ("저는 김민수입니다", "ko", "김민수"),
        ("김민수라고 합니다", "ko", "김민수"),
        ("이것을 김치라고 합니다", "ko", "김치"),
        ("田中といいます", "ja", "田中"),
        ("日本では桜と言います", "ja", "日本では桜"),
        ("मैं राहुल हूँ", "hi", "राहुल"),
        ("my name is ann and i work here", "en", "ann"),
    ],
)
def test_what_may_be_no_name_can_only_be_that_of_somebody_known(text: str, language: str, name: str) -> None:
    assert introduced(text, language=language) == Introduction(name, certain=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "my name is",
        "My name is not Ann",
        "My name is on the list",
        "I am tired",
        "I am the boss",
        "I'm not Ann",
        "I'm Ann's brother",
        "I am 40",
        "Ich heiße Sie willkommen",
        "Mein Name ist Programm",
        "Je suis très content",
        "我叫你来",
        "we met Ann yesterday",
        "my name is " + "x" * 41,
        "My name is A",
        "My name is Dr. Smith",
        "Mein Name ist Frau Müller",
        "My name is Nobody",
        "我的名字是什么",
        "我叫外卖",
        "我叫了车",
        "僕の名前は秘密です",
        "제 이름은 비밀입니다",
        "ผมชื่ออะไร",
        "मेरा नाम क्या है",
        "আমার নাম কি",
        "میرا نام کیا ہے",
        "اسم من چیست",
        "اسمي ليس مهما",
        "שמי לא חשוב",
    ],
)
def test_anything_else_is_no_introduction(text: str) -> None:
    assert introduced(text) is None


def test_a_name_is_preferred_to_what_else_is_said() -> None:
    assert introduced("I am glad. I'm Bob's friend and my name is Ann.", language="en") == Introduction(
        "Ann", certain=True
    )


def test_a_long_speech_is_searched_quickly() -> None:
    assert introduced("and then i said that i was there and " * 3000) is None
