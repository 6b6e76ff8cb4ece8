"""What the index holds, whoever may find it."""

from common.database.clients import pinecone_index, pinecone_sparse_index
from common.database.vectors import Namespace, conversation_vector_id


def passage_ids(*, uid: str, conversation_id: str) -> set[str]:
    """The ids of a conversation's passages, in both indexes."""
    prefix = f"{conversation_vector_id(uid=uid, conversation_id=conversation_id)}-"
    return {
        str(getattr(item, "id", item))
        for index in (pinecone_index(), pinecone_sparse_index())
        for page in index.list(prefix=prefix, namespace=Namespace.PASSAGES.value)
        for item in getattr(page, "vectors", page)
    }
