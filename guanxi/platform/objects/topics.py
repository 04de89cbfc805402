"""What people are told of besides records: rooms name their topics when the program starts, this room knows none.

A notification holds no words. What waits, and whether the reader may still hear of it, is asked of the topic when the
notification is read.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from guanxi.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing of a topic as it is told: what it is called, "" for nothing, and the page where it is answered."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that waits for people.

    `sentence` says in words what waits, from the name of who asks and a count; `subjects` gives those of some ids that
    the reader may hear of now, in a fixed number of queries.
    """

    key: str
    icon: str
    sentence: Callable[[str, int], str]
    subjects: Callable[[Collection[int], Actor], Mapping[int, Subject]]


_topics: dict[str, Topic] = {}


def register_topic(*topics: Topic) -> None:
    """Make topics known. Raises: ValueError when a key is taken; this is a defect of the code."""
    for topic in topics:
        if topic.key in _topics:
            raise ValueError(f"The topic {topic.key} is registered twice.")
        _topics[topic.key] = topic


def topic_of(key: str) -> Topic | None:
    """The topic of a key; None for one that no room names any more."""
    return _topics.get(key)
