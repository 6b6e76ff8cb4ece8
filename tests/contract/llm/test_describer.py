"""What every describer of pictures does: it shows the picture, and says no more than it is told."""

import json
from base64 import b64decode, b64encode

import pytest

from common.core.errors import ProviderError, ProviderRefusedError
from common.llm.describing import LONGEST, PromptedDescriber
from common.llm.ports import PhotoDescriber, Picture, SeeingModel, Sight
from tests.contract.llm.provider_server import ProviderServer, Reply

PICTURE = Picture(b"\xff\xd8\xff\xe0 a picture with odd bytes \xfb\xff\xfe", "image/jpeg")


@pytest.fixture
def describer(model: SeeingModel) -> PhotoDescriber:
    return PromptedDescriber(model)


def _answer(description: str, *, telling: bool = True) -> Reply:
    return Reply(json.dumps({"description": description, "telling": telling}))


def test_the_picture_arrives_as_it_is(describer: PhotoDescriber, server: ProviderServer) -> None:
    server.script.append(_answer("A whiteboard\nwith three boxes."))
    assert describer.describe(PICTURE, language="de") == Sight("A whiteboard with three boxes.", telling=True)
    [request] = server.requests
    user = next(each for each in request.body.get("messages") or request.body["contents"] if each["role"] == "user")
    text, shown = user.get("content") or user["parts"]
    assert "de" in text["text"]
    if "image_url" in shown:
        head, _, data = shown["image_url"]["url"].partition(",")
        assert head == "data:image/jpeg;base64"
    else:
        # The protocol's JSON takes names in both spellings; which one comes is the SDK's choice.
        assert (shown["inlineData"].get("mimeType") or shown["inlineData"]["mime_type"]) == "image/jpeg"
        data = b64encode(b64decode(shown["inlineData"]["data"], altchars=b"-_")).decode()
    assert b64decode(data) == PICTURE.data
    assert describer.name


def test_what_shows_nothing_is_said_so(describer: PhotoDescriber, server: ProviderServer) -> None:
    server.script += [_answer("A black surface.", telling=False), _answer("")]
    assert describer.describe(PICTURE, language=None) == Sight("A black surface.", telling=False)
    assert describer.describe(PICTURE, language=None) == Sight("", telling=False)


def test_a_description_has_an_end(describer: PhotoDescriber, server: ProviderServer) -> None:
    server.script.append(_answer("x" * 99_999))
    assert len(describer.describe(PICTURE, language=None).description) == LONGEST


def test_an_answer_in_no_form_is_asked_for_once_more_with_the_picture(
    describer: PhotoDescriber, server: ProviderServer
) -> None:
    server.script += [Reply("A whiteboard, I think"), _answer("A whiteboard.")]
    assert describer.describe(PICTURE, language=None).description == "A whiteboard."
    pictures = [json.dumps(request.body).count("image/jpeg") for request in server.requests]
    assert pictures == [1, 1]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(refuses=True), ProviderRefusedError),
        (Reply(status=400), ProviderRefusedError),
        (Reply(status=401), ProviderError),
        (Reply(body=b"[]"), ProviderError),
    ],
)
def test_failures_are_the_models(
    describer: PhotoDescriber, server: ProviderServer, reply: Reply, error: type[ProviderError]
) -> None:
    server.script.extend([reply] * 3)
    with pytest.raises(error):
        describer.describe(PICTURE, language=None)


def test_a_short_outage_is_waited_for(describer: PhotoDescriber, server: ProviderServer) -> None:
    server.script += [Reply(status=503, headers={"Retry-After": "0"}), Reply(hang_up=True), _answer("A dog.")]
    assert describer.describe(PICTURE, language=None).description == "A dog."
