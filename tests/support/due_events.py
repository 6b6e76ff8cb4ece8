"""What is said on the topic `notification-due`, as it arrives at whoever listens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from google.cloud.pubsub_v1 import SubscriberClient

from common.database import topics
from common.models.events import Due, NotificationDue, UserEvent
from local.environment import PROJECT

E = TypeVar("E", bound=UserEvent)


@contextmanager
def due_events(kind: type[E], *, uid: str) -> Iterator[Callable[[], list[E]]]:
    """Gives what was said of a kind about a user since the last call; the stores must run."""
    with SubscriberClient() as subscriber:
        name = subscriber.subscription_path(PROJECT, f"due-{uid}")
        topic = subscriber.topic_path(PROJECT, NotificationDue.topic)
        subscriber.create_subscription(request={"name": name, "topic": topic})

        def pull() -> list[E]:
            marker = NotificationDue(uid=uid, notification_id="nothing after this")
            topics.publish(marker)
            found: list[UserEvent] = []
            while marker not in found:
                answer = subscriber.pull(request={"subscription": name, "max_messages": 100}, timeout=10)
                acknowledged = [message.ack_id for message in answer.received_messages]
                subscriber.acknowledge(request={"subscription": name, "ack_ids": acknowledged})
                found += [Due.model_validate_json(each.message.data).root for each in answer.received_messages]
            return [event for event in found if isinstance(event, kind) and event.uid == uid]

        yield pull
        subscriber.delete_subscription(request={"subscription": name})
