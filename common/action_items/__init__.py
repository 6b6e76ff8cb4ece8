"""What is to be done: action items of their own, shared and reminded of."""
