"""Goals that suit a user, and what to do next for one, by what is known of them."""

from common.core.errors import NotFoundError
from common.database import goals, memories
from common.goals.track import MOST_ACTIVE
from common.llm.aiming import Aimer, Suggestion
from common.llm.requiring import required_model

_KNOWN = 50
"""Facts that the language model is told."""


def suggest_goal(*, uid: str) -> Suggestion:
    """A goal that the user does not pursue yet; nothing is stored.

    Raises:
        BadRequestError: there is no language model.
        LockedError: the user has used up today's tokens.
        ProviderError: it did not answer as it should.
    """
    aimer = Aimer(required_model())
    pursued = goals.list_newest(uid=uid, limit=MOST_ACTIVE, include_inactive=False)
    return aimer.suggest(_known(uid), pursued=[goal.title for goal in pursued])


def advise_on_goal(*, uid: str) -> str:
    """The next step towards the goal that was set last.

    Raises:
        NotFoundError: the user pursues none.
        BadRequestError: there is no language model.
        LockedError: the user has used up today's tokens.
        ProviderError: it did not answer as it should.
    """
    newest = goals.list_newest(uid=uid, limit=1, include_inactive=False)
    if not newest:
        raise NotFoundError("Goal not found")
    return Aimer(required_model()).advise(newest[0], _known(uid))


def _known(uid: str) -> list[str]:
    return [fact.content for fact in memories.list_best(uid=uid, limit=_KNOWN) if not fact.is_locked]
