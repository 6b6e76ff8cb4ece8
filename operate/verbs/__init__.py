"""One module per verb: `declare` names its arguments, `run` does it and says what came of it."""
