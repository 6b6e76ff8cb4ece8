"""What the local encoder takes for lasting of what it was given no example of."""

from common.llm import providers
from common.llm.lasting import LastingJudge
from common.llm.openai import OpenAIEmbedder, OpenAIEndpoint
from local.process import ReadyProcess
from tests.support.told import passing_sentences, told_sentences


def test_of_what_lasts_much_is_taken_for_it_and_of_what_passes_next_to_nothing(model_server: ReadyProcess) -> None:
    endpoint = OpenAIEndpoint(f"{model_server.url}/v1", timeout_s=60, provider="local models")
    judge = LastingJudge(OpenAIEmbedder(endpoint, model=providers.LOCAL_ENCODER, dimension=providers.LOCAL_DIMENSION))
    lasting, passing = ([each.name for each in group] for group in (told_sentences(), passing_sentences()))
    assert sum(margin > 0 for margin in judge.judge(lasting)) / len(lasting) > 0.5
    assert sum(margin > 0 for margin in judge.judge(passing)) / len(passing) < 0.08
    endpoint.close()
