"""What becomes of a change of an app that everybody may use: what acts waits for a review, and it goes on as it was.

Shown things (name, description, pictures, price, ...) are the maker's own at once.
"""

from common.core.ids import digest
from common.models.app import APPROVED, UNDER_REVIEW, App, Proposal


def as_proposed(app: App) -> App:
    """The app as its maker wants it. Pure."""
    return app.model_copy(update=_fields(app.proposal)) if app.proposal is not None else app


def version_of(app: App) -> str:
    """What names the app as its maker wants it, of what is reviewed: another one acts otherwise. Pure."""
    return digest(_acting(as_proposed(app)).model_dump_json())


def changed(before: App, after: App) -> App:
    """What is stored of a change. Pure.

    Args:
        before: the app as it is stored.
        after: `as_proposed(before)` with the change made.
    """
    settled = after.model_copy(update={"proposal": None})
    if not before.approved or _acting(after) == _acting(before):
        withdrawn = before.approved and before.proposal is not None
        return settled.model_copy(update={"status": APPROVED}) if withdrawn else settled
    if after.private:
        # Its maker's alone; what it does by the time others may use it again has to be approved.
        return settled.model_copy(update={"approved": False, "status": UNDER_REVIEW})
    waits = after.status if _acting(after) == before.proposal else UNDER_REVIEW
    return after.model_copy(update={**_fields(_acting(before)), "proposal": _acting(after), "status": waits})


def _acting(app: App) -> Proposal:
    return Proposal.model_validate({name: getattr(app, name) for name in Proposal.model_fields})


def _fields(proposal: Proposal) -> dict[str, object]:
    return {name: getattr(proposal, name) for name in Proposal.model_fields}
