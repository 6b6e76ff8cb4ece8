"""From sound to text: codecs, transcribers, the merging of segments."""
