"""Keys order as values do."""

import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from local.firestore.messages import Value
from local.firestore.values import encode, invert

numbers = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False))
texts = st.text(st.characters(codec="utf-8"), max_size=8)


def number(value: float) -> Value:
    return Value(integer_value=value) if isinstance(value, int) else Value(double_value=value)


@given(numbers, numbers)
def test_integers_and_doubles_compare_exactly(left: float, right: float) -> None:
    assert (encode(number(left)) < encode(number(right))) == (left < right)
    assert (encode(number(left)) == encode(number(right))) == (left == right)


@given(texts, texts)
def test_strings_compare_as_utf_8(left: str, right: str) -> None:
    keys = encode(Value(string_value=left)), encode(Value(string_value=right))
    assert (keys[0] < keys[1]) == (left.encode() < right.encode())


@given(st.lists(texts, max_size=4), st.lists(texts, max_size=4))
def test_concatenated_keys_compare_part_by_part_also_inverted(left: list[str], right: list[str]) -> None:
    def join(parts: list[str]) -> bytes:
        return b"".join(encode(Value(string_value=part)) for part in parts)

    raw = [part.encode() for part in left], [part.encode() for part in right]
    assert (join(left) < join(right)) == (raw[0] < raw[1])
    if len(left) == len(right):
        assert (invert(join(left)) > invert(join(right))) == (raw[0] < raw[1])


def test_no_key_is_the_prefix_of_another() -> None:
    values = [number(x) for x in (0, 1, 2**53 + 1, 0.5, math.inf, math.nan)]
    values += [Value(string_value=x) for x in ("", "a", "a\x00", "a\x00b", "ab")]
    values += [Value(bytes_value=x) for x in (b"", b"\x00", b"\xff")]
    values += [Value(null_value=0), Value(boolean_value=True), Value(boolean_value=False)]
    values += [Value(reference_value=x) for x in ("projects/p/a", "projects/p/a/b", "projects/p/__id-1__")]
    for size in range(3):
        for chosen in itertools.product(values[:8], repeat=size):
            listed = Value()
            listed.array_value.SetInParent()
            listed.array_value.values.extend(chosen)
            values.append(listed)
    keys = sorted({encode(value) for value in values})
    assert all(not later.startswith(earlier) for earlier, later in itertools.pairwise(keys))
