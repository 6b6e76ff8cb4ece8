"""Structure without a language model: what a talk is about, and what is to be done, in its own words."""
