"""The people in a user's life, and how they and the user sound."""
