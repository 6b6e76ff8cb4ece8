"""What maintainers run: locking dependencies."""
