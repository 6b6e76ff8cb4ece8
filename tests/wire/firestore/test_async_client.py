"""The asynchronous client."""

import asyncio
from typing import Any

from google.cloud import firestore


def test_the_asynchronous_client_does_what_the_other_does(firestore_backend: Any, project: str) -> None:
    async def use() -> None:
        db = firestore_backend.async_client(project)
        await asyncio.gather(*(db.document(f"a/{number}").set({"n": number}) for number in range(20)))
        assert (await db.document("a/7").get()).get("n") == 7
        query = db.collection("a").where(filter=firestore.FieldFilter("n", ">=", 18))
        assert [snapshot.id async for snapshot in query.stream()] == ["18", "19"]

        @firestore.async_transactional
        async def double(transaction: firestore.AsyncTransaction) -> None:
            snapshot = await db.document("a/5").get(transaction=transaction)
            transaction.update(db.document("a/5"), {"n": snapshot.get("n") * 2})

        await asyncio.gather(*(double(db.transaction(max_attempts=20)) for _ in range(4)))
        assert (await db.document("a/5").get()).get("n") == 80
        db.close()

    asyncio.run(use())
