"""Count how many letters must be typed otherwise to make one word another (pure)."""


def edit_distance(one: str, other: str, *, most: int) -> int:
    """Return the Damerau-Levenshtein distance of two words: letters added, left out, replaced or swapped.

    It is `most` + 1 wherever it is more than `most`, a small number, so that most pairs of words are dismissed at once.

    >>> edit_distance("solvieg", "solveig", most=2)
    1
    """
    return next((steps for steps in range(most + 1) if _is_within(one, other, steps)), most + 1)


def _is_within(one: str, other: str, steps: int) -> bool:
    if abs(len(one) - len(other)) > steps:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if not one or not other:
        return len(one) + len(other) <= steps
    if not steps:
        return False
    is_swapped = one[:2] == other[1::-1]
    return (
        _is_within(one[1:], other[1:], steps - 1)
        or _is_within(one[1:], other, steps - 1)
        or _is_within(one, other[1:], steps - 1)
        or (is_swapped and len(one) > 1 and _is_within(one[2:], other[2:], steps - 1))
    )
