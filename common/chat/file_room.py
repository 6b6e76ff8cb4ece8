"""Room for files in memory: an instance answers many questions at once, and a file takes several times its size."""

import threading

MIB = 1024 * 1024
WAITED_S = 20.0
"""Real seconds, within which others have answered; whoever finds no room by then does without."""


class Room:
    """So many bytes, for whoever comes; more than all of them is as much as all of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._changed = threading.Condition()

    def take(self, size: int, *, within_s: float) -> bool:
        """Hold room for so many bytes once there is some; False where there was none in so many real seconds."""
        size = min(size, self._most)
        with self._changed:
            taken = self._changed.wait_for(lambda: self._held + size <= self._most, max(within_s, 0.0))
            if taken:
                self._held += size
            return taken

    def give_back(self, size: int) -> None:
        """Let others have it."""
        with self._changed:
            self._held -= min(size, self._most)
            self._changed.notify_all()


READING = Room(40 * MIB)
"""While text is taken from files: two of the largest."""
PICTURES = Room(64 * MIB)
"""As long as a model is shown them: on their way to it they take some four times as much (bench/memory.py)."""
