"""What Firestore would bill: documents read, written and deleted, counted from what was asked and answered.

The rules are those of https://cloud.google.com/firestore/pricing: a missing document is a read, and so is a query that
finds nothing, and every document that an offset skips. An aggregation reads one per 1,000 index entries.
"""

from dataclasses import asdict, dataclass
from typing import Any

_ENTRIES_PER_READ = 1000


@dataclass
class Usage:
    """Running totals."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0

    def totals(self) -> dict[str, float]:
        """What `local.operations` tells of it."""
        return {f"firestore.{name}": value for name, value in asdict(self).items()}

    def count_request(self, rpc: str, request: Any) -> None:
        """Count what is billed for the asking."""
        if rpc == "RunQuery":
            self.reads += request.structured_query.offset
        elif rpc in {"Commit", "BatchWrite"}:
            deleted = sum(write.WhichOneof("operation") == "delete" for write in request.writes)
            self.deletes += deleted
            self.writes += len(request.writes) - deleted

    def count_response(self, rpc: str, response: Any) -> None:
        """Count what is billed for an answer, or for one message of an answer that comes in many."""
        if rpc == "GetDocument":
            self.reads += 1
        elif rpc == "BatchGetDocuments":
            self.reads += response.WhichOneof("result") is not None
        elif rpc == "RunQuery":
            self.reads += response.HasField("document") or not response.transaction
        elif rpc == "RunAggregationQuery":
            entries = max((value.integer_value for value in response.result.aggregate_fields.values()), default=0)
            self.reads += max(1, -(-entries // _ENTRIES_PER_READ))
        elif rpc == "ListDocuments":
            self.reads += len(response.documents)
        elif rpc == "Listen":
            self.reads += response.HasField("document_change")
