from common.speech.words import HeldWords, Word, to_utterances


def said(*texts: str, start: float = 0.0, speaker: int = 0) -> list[Word]:
    return [Word(text, start + at, start + at + 1, speaker) for at, text in enumerate(texts)]


def texts(words: list[Word]) -> list[str]:
    return [utterance.text for utterance in to_utterances(words)]


def test_an_utterance_ends_with_the_speaker_or_a_pause() -> None:
    words = [*said(" a", " b"), *said(" c", start=2, speaker=1), *said(" d", start=4.5, speaker=1)]
    assert [(each.text, each.start, each.end, each.speaker) for each in to_utterances(words)] == [
        ("a b", 0, 2, 0),
        ("c", 2, 3, 1),
        ("d", 4.5, 5.5, 1),
    ]


def test_pieces_of_words_are_put_together_and_nothing_but_space_is_nothing() -> None:
    assert texts(said(" mor", "ning", ".")) == ["morning."]
    assert texts(said(" ")) == []


def test_a_word_without_length_gets_one() -> None:
    (utterance,) = to_utterances([Word(" a", 1.0, 1.0)])
    assert utterance.end > utterance.start


def test_the_language_is_that_of_most_words() -> None:
    words = [Word(" a", 0, 1, 0, "de"), Word(" b", 1, 2, 0, "en"), Word(" c", 2, 3, 0, "en"), Word(" d", 3, 4)]
    assert to_utterances(words)[0].language == "en"


def test_a_sentence_is_kept_until_the_next_one_begins() -> None:
    held = HeldWords()
    assert held.add(said(" It", " is", "."), until=3) == ()
    assert held.begin == 0
    assert [each.text for each in held.add(said(" No", start=3), until=4)] == ["It is."]
    assert held.begin == 3
    assert [each.text for each in held.flush()] == ["No"]
    assert held.begin is None


def test_a_full_stop_inside_a_number_ends_no_sentence() -> None:
    held = HeldWords()
    assert held.add(said(" 3", ".", "14"), until=3) == ()
    assert [each.text for each in held.flush()] == ["3.14"]


def test_scripts_without_spaces_have_sentences_too() -> None:
    held = HeldWords()
    assert [each.text for each in held.add(said("はい", "。", "そう"), until=3)] == ["はい。"]


def test_silence_completes_what_is_kept_and_so_does_another_speaker() -> None:
    held = HeldWords()
    held.add(said(" a"), until=1)
    assert [each.text for each in held.add([], until=2.5)] == ["a"]
    held.add(said(" b", start=3), until=4)
    assert [each.text for each in held.add(said(" c", start=4, speaker=1), until=5)] == ["b"]


def test_a_speech_without_an_end_is_cut_between_words() -> None:
    held = HeldWords()
    (utterance,) = held.add(said(*(" word" for _ in range(11)), "s"), until=12)
    assert utterance.end == 10
    assert [each.text for each in held.flush()] == ["words"]


def test_what_is_provisional_is_read_after_what_is_kept() -> None:
    held = HeldWords()
    held.add(said(" mor"), until=1)
    assert [each.text for each in held.before(said("ning", start=1))] == ["morning"]
