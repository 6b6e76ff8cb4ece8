"""Composite indexes."""

from local.firestore.query import Query


class Indexes:
    def check(self, query: Query) -> None: ...
