"""Programs that use Earshot, to try and to begin with."""
