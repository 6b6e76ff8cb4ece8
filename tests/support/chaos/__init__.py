"""Many users, every way into the product, and everything that goes wrong behind it."""
