"""`/v1/users/people`: who is in the user's life (CONTRACT section 3.7)."""

from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import AfterValidator, BaseModel, Field

from common.database import people, signed_urls
from common.database.media import Store
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import User
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.models.person import LONGEST_NAME, MOST_SAMPLES, SHORTEST_NAME, Person, PersonView
from common.people.edit import delete_person, delete_sample

router = Router(prefix="/v1/users/people", tags=["people"], responses=responses(401))


def _named(name: str) -> str:
    stripped = name.strip()
    if len(stripped) < SHORTEST_NAME:
        raise ValueError(f"a name has at least {SHORTEST_NAME} characters")
    return stripped


Name = Annotated[
    str, Field(min_length=SHORTEST_NAME, max_length=LONGEST_NAME, pattern=r"\S[\s\S]*\S"), AfterValidator(_named)
]


class NewPerson(BaseModel):
    """Somebody to remember."""

    name: Name = Field(examples=["Ann"])


@router.post("", responses=responses(409))
def create(user: User, body: NewPerson, base_url: BaseUrl, once: OncePerKey) -> PersonView:
    """Remember somebody; who has this name already is answered, so that sending twice makes one person."""

    def remember() -> PersonView:
        return _shown(people.get_or_create(uid=user, name=body.name), base_url=base_url)

    return once(PersonView, remember, uid=user)


@router.get("")
def list_all(user: User, base_url: BaseUrl, *, include_speech_samples: bool = True) -> list[PersonView]:
    """Everybody, by name, 500 at most, with addresses of their samples that work for an hour."""
    found = people.list_all(uid=user)
    return [_shown(person, base_url=base_url, with_samples=include_speech_samples) for person in found]


@router.get("/{person_id}", responses=responses(404))
def get(user: User, person_id: str, base_url: BaseUrl, *, include_speech_samples: bool = False) -> PersonView:
    """One person."""
    person = people.of(uid=user).get(person_id)
    return _shown(person, base_url=base_url, with_samples=include_speech_samples)


@router.patch("/{person_id}/name", responses=responses(404, 409))
def rename(user: User, person_id: str, value: Annotated[Name, Query()]) -> Done:
    """Call a person something else that nobody else is called."""
    people.rename(uid=user, person_id=person_id, name=value)
    return Done()


@router.delete("/{person_id}", status_code=204, response_class=Response, responses=responses(404))
def delete(user: User, person_id: str) -> None:
    """Forget a person, with every recording of their voice."""
    delete_person(uid=user, person_id=person_id)


@router.delete("/{person_id}/speech-samples/{index}", responses=responses(404))
def forget_sample(user: User, person_id: str, index: Annotated[int, Path(ge=0, lt=MOST_SAMPLES * 20)]) -> Done:
    """Delete one recording of a person's voice, by its place in the list."""
    delete_sample(uid=user, person_id=person_id, index=index)
    return Done()


def _shown(person: Person, *, base_url: str, with_samples: bool = True) -> PersonView:
    paths = person.speech_samples if with_samples else []
    addresses = [signed_urls.sign(path, store=Store.MEDIA, base_url=base_url) for path in paths]
    return PersonView.model_validate(person.model_dump() | {"speech_samples": addresses})
