"""What a device recorded while nobody listened, handed in later: received, looked through, put where it belongs."""
