"""What lies in the data folder, and that some of it is damaged."""

DATABASE = "cloud.db"


class DamagedError(RuntimeError):
    """A file cannot be read any more; the text names it, and the way out."""
