"""Why somebody looks at a victim: a code to count by, and words another person can check."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from data.errors import BadInput

REVEAL_FOR = timedelta(seconds=60)
"""How long a reveal stays on screen: long enough for one telephone call's number."""

GLASS_FOR = timedelta(minutes=15)
"""How long broken glass lets through; at its last moment it no longer does."""

WORDS_AT_LEAST = 15
"""Characters of a reason for breaking the glass: "welfare check" is a code, not a reason."""

WORDS_AT_MOST = 500


class Why(StrEnum):
    """What a look is for."""

    WELFARE = "welfare"
    DISPATCH = "dispatch"
    NOTIFY = "notify"
    CASE_WORK = "case_work"
    COURT = "court"
    OTHER = "other"


WHY_WORDS: dict[Why, str] = {
    Why.WELFARE: "Is she safe: welfare check",
    Why.DISPATCH: "Send help to her",
    Why.NOTIFY: "Tell her about an alert",
    Why.CASE_WORK: "Work on her case",
    Why.COURT: "Court or order",
    Why.OTHER: "Another reason",
}


def reason_of(code: object, words: object, *, is_glass: bool = False) -> tuple[Why, str]:
    """The reason as it is kept.

    Args:
        code: one of `Why`.
        words: what the person wrote. Breaking the glass asks for `WORDS_AT_LEAST` characters,
            a reveal for any.
        is_glass: whether it is for breaking the glass.

    Raises:
        BadInput: there is no such code, or too few or too many words.
    """
    if not isinstance(code, str) or code not in set(Why):
        raise BadInput("reason", "one of the listed reasons")
    found = " ".join(words.split()) if isinstance(words, str) else ""
    least = WORDS_AT_LEAST if is_glass else 1
    if len(found) < least:
        raise BadInput("words", f"at least {least} characters, in your own words" if is_glass
                       else "a few words")  # fmt: skip
    if len(found) > WORDS_AT_MOST:
        raise BadInput("words", f"at most {WORDS_AT_MOST} characters", len(found))
    return Why(code), found
