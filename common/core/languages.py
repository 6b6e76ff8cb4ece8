"""Tags of languages, as callers write them."""


def primary_subtag(tag: str | None) -> str:
    """The language of a BCP-47 tag without its region or script, in lower case; empty where there is no tag.

    Args:
        tag: in any case, with `-` or, as locales have it, `_`.
    """
    return (tag or "").replace("_", "-").partition("-")[0].lower()
