"""What is known of a person's voice follows from the samples that are kept."""

import pytest

from common.models.person import MOST_SAMPLES, Person
from common.models.voiceprint import Voiceprint
from common.people.samples import with_sample, without_sample

ANN = Person(id="ann", name="Ann")


def a_voice(*values: float, model: str = "m") -> Voiceprint:
    return Voiceprint.of(values, model=model)


def test_a_voice_is_the_average_of_its_samples() -> None:
    person = with_sample(ANN, "1.wav", transcript="one", voice=a_voice(1.0, 0.0))
    person = with_sample(person, "2.wav", transcript="two", voice=a_voice(0.0, 1.0))
    assert person.speaker_embedding == pytest.approx([0.5**0.5, 0.5**0.5])
    assert person.speaker_embedding_model == "m"
    assert person.speech_samples == ["1.wav", "2.wav"]
    assert person.speech_sample_transcripts == ["one", "two"]
    left = without_sample(person, 0)
    assert (left.speech_samples, left.speech_sample_transcripts) == (["2.wav"], ["two"])
    assert left.speaker_embedding == pytest.approx([0.0, 1.0])
    gone = without_sample(left, 0)
    assert (gone.speech_samples, gone.speaker_embedding, gone.speaker_embedding_model) == ([], None, None)


def test_the_same_sample_again_takes_its_own_place() -> None:
    once = with_sample(ANN, "1.wav", transcript="one", voice=a_voice(1.0, 0.0))
    again = with_sample(once, "1.wav", transcript="one, corrected", voice=a_voice(0.0, 1.0))
    assert (again.speech_samples, again.speech_sample_transcripts) == (["1.wav"], ["one, corrected"])
    assert again.speaker_embedding == pytest.approx([0.0, 1.0])


def test_there_are_never_more_than_five() -> None:
    person = ANN
    for number in range(MOST_SAMPLES + 2):
        person = with_sample(person, f"{number}.wav", transcript="", voice=a_voice(1.0, number))
    assert person.speech_samples == [f"{number}.wav" for number in range(MOST_SAMPLES)]
    assert len(person.sample_voices) == len(person.speech_sample_transcripts or ()) == MOST_SAMPLES


def test_voices_of_two_models_are_not_mixed() -> None:
    person = with_sample(ANN, "1.wav", transcript="", voice=a_voice(1.0, 0.0, model="old"))
    person = with_sample(person, "2.wav", transcript="", voice=a_voice(0.0, 0.0, 1.0, model="new"))
    assert person.speaker_embedding == pytest.approx([0.0, 0.0, 1.0])
    assert person.speaker_embedding_model == "new"


def test_samples_from_before_voices_were_kept_stay_in_their_places() -> None:
    old = ANN.model_copy(update={"speech_samples": ["a.wav", "b.wav"], "speaker_embedding": [0.5]})
    person = with_sample(old, "c.wav", transcript="three", voice=a_voice(1.0, 0.0))
    assert person.speech_sample_transcripts == ["", "", "three"]
    assert person.speaker_embedding == pytest.approx([1.0, 0.0])
    left = without_sample(person, 1)
    assert (left.speech_samples, left.speech_sample_transcripts) == (["a.wav", "c.wav"], ["", "three"])
    assert left.speaker_embedding == pytest.approx([1.0, 0.0])
    assert without_sample(old, 0).speaker_embedding == [0.5], "nothing better is known"
