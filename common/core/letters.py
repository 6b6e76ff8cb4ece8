r"""What words are made of, for regular expressions: letters and digits, and the signs that stand on or beside them.

`\w` of Python's `re` leaves out vowel signs, and a word of Hindi, Tamil, Thai or vowelled Arabic falls into pieces.
"""

_SIGNS = (
    r"\u0300-\u036f\u0483-\u0487"  # on Latin, Greek and Cyrillic letters
    r"\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew
    r"\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"  # Arabic
    r"\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963\u0981-\u0df3"  # India's scripts, which are letters else
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"  # Thai, Lao
    r"\u0f35\u0f37\u0f39\u0f3e\u0f3f\u0f71-\u0f84\u0f86-\u0fbc"  # Tibetan
    r"\u102b-\u103e\u1056-\u1059\u105e-\u1060\u17b4-\u17d3"  # Burmese, Khmer
)

LETTERS = rf"[^\W_](?:[^\W_]|[{_SIGNS}])*"
"""One letter or digit, and all that follow it without a break."""
UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
"""Characters of scripts that put no blanks between words: Japanese, Chinese, Thai."""
