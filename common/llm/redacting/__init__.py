"""Finding and hiding what nobody else shall learn: numbers of cards and identities, passwords, keys, codes."""
