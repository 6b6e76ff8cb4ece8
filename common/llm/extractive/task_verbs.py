"""The verbs that tasks begin with."""

_VERBS = """
    add adjust answer apply approve arrange ask assemble assign attach back bake book borrow bring build buy call
    cancel change charge check choose clean clear close collect compare complete confirm contact cook copy create
    debug delete deliver deploy describe design dig do document download draft drop edit email empty exchange export
    feed file fill finalise finalize find finish fix follow forward gather get give grab hand hang hire import inform
    install introduce investigate invite invoice iron leave lend list lock look mail make measure mend merge message
    mount move mow notify open order organise organize pack paint park pay pick plan plant post practice practise
    prepare present print proofread publish purchase put raise read rearrange rebook recharge record refill register
    release remind remove renew rent repair replace reply report request research reserve reset restart return
    review rewrite ring run scan schedule sell send set share ship show sign solve sort speak start store submit
    subscribe summarise summarize switch take talk tell test text tidy transfer translate trim try tune turn unpack
    update upgrade upload vacuum verify visit wash water wrap write
    chase cover double-check dust enter fetch forward issue knit log mop phone photocopy ping pop price quote radio rake
    redo redraw refund reorder sew shovel swap sweep
""".split()  # noqa: SIM905 - reads better
TASK_VERB = "|".join(_VERBS)
"""One of them, as a pattern."""


def is_task_verb(word: str) -> bool:
    """Whether tasks begin with this word (in lower case)."""
    return word in _VERBS
