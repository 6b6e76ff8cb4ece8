"""The listen socket: a server of its own, because the framework's costs more per frame than everything behind it."""
