"""Room for files in memory: an instance answers many questions at once, and a file takes several times its size."""

from common.core.room import Room

MIB = 1024 * 1024
WAITED_S = 20.0
"""Real seconds, within which others have answered; whoever finds no room by then does without."""
READING = Room(40 * MIB)
"""While text is taken from files: two of the largest."""
PICTURES = Room(64 * MIB)
"""As long as a model is shown them: on their way to it they take some four times as much (bench/memory.py)."""
