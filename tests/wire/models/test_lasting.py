"""What the local encoder's vectors say of sentences that the weights were not learnt with."""

import base64
from collections.abc import Iterator

import numpy as np
import pytest

from common.llm import providers
from common.llm.lasting import LastingJudge
from common.llm.lasting_weights import WEIGHTS
from common.llm.openai import OpenAIEmbedder, OpenAIEndpoint
from local.process import ReadyProcess
from tests.support.told import passing_sentences, told_sentences
from tools.train_lasting import examples, train

LASTING = (
    "I've been deaf in the left ear since the war.",
    "My twin sister runs a bakery in Lyon.",
    "I never learnt to swim.",
    "We've kept bees behind the church for twenty years.",
    "Shellfish close my throat, I carry a pen for it.",
)
PASSING = (
    "I'll put the kettle on.",
    "I can't find my other glove.",
    "We should be there by ten.",
    "I thought that was the last one.",
    "I'm so sorry, I missed your call.",
)


@pytest.fixture
def encoder(model_server: ReadyProcess) -> Iterator[OpenAIEmbedder]:
    endpoint = OpenAIEndpoint(f"{model_server.url}/v1", timeout_s=300, provider="local models")
    yield OpenAIEmbedder(endpoint, model=providers.LOCAL_ENCODER, dimension=providers.LOCAL_DIMENSION)
    endpoint.close()


def test_what_nobody_taught_it_is_told_apart(encoder: OpenAIEmbedder) -> None:
    judge = LastingJudge(encoder)
    assert min(judge.judge(LASTING)) > 0 > max(judge.judge(PASSING))


def test_what_it_was_taught_with_it_knows(encoder: OpenAIEmbedder) -> None:
    judge = LastingJudge(encoder)
    lasting, passing = ([each.name for each in group] for group in (told_sentences(), passing_sentences()))
    assert sum(margin > 0 for margin in judge.judge(lasting)) / len(lasting) > 0.8
    assert sum(margin > 0 for margin in judge.judge(passing)) / len(passing) < 0.1


@pytest.mark.long
def test_the_weights_are_those_that_the_data_give(encoder: OpenAIEmbedder) -> None:
    known = list(examples())
    vectors = np.asarray(encoder.embed([each.text for each in known], purpose="document"))
    anew = train(vectors, np.array([float(each.lasts) for each in known]))
    written = np.frombuffer(base64.b64decode(WEIGHTS), dtype="<f4")
    assert np.abs(anew - written).max() < 0.01 * np.abs(written).max()
