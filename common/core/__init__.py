"""The floor everything stands on: settings, errors, logs, the clock and ids. Imports nothing of ours."""
