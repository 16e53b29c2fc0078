"""Whatever is sent to a call of the phonebook, it answers or refuses; it never fails, and the store stays sound."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workloadmanager.actors import HOST, call_of
from workloadmanager.errors import Conflict, InputError, NotFound, PermissionDenied
from workloadmanager.threebot.phonebook import CALLS

KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
WORDS = st.sampled_from(["jane", KEY, KEY.upper(), "", "a@b.org", "\ud800", "\0", "ﬁ" * 40, "x" * 300, "ΐ" * 40])
ENTRIES = st.dictionaries(
    st.sampled_from(["name", "pubkey", "email", "ipaddr", "description", "id"]), WORDS | st.integers()
)
TEXTS = ENTRIES.map(json.dumps) | ENTRIES.map(lambda entry: json.dumps({"pubkey": KEY, "name": "june", **entry}))
VALUES = {
    "json": TEXTS | WORDS | st.text(max_size=10),
    "signature": st.sampled_from(["", "ab", "0" * 128, "f" * 128, "٣" * 128]) | WORDS,
    "tid": st.sampled_from([0, 1, 2, -1, 2**31 - 2, 2**31 - 1, 2**70, None, True, "1"]),
    "counter": st.sampled_from([0, 1, 2, -1, 2**31 - 2, 2**31 - 1, None, 1.5]),
    "name": WORDS,
    "email": WORDS,
    "cursor": st.integers() | WORDS,
    "limit": st.integers() | WORDS,
}


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_call_answers_or_refuses(quick: Any, name: str, data: st.DataObject) -> None:
    """With an error that says what is wrong, and never with one of the package's own faults."""
    call = call_of(CALLS[name])
    wanted = {each: VALUES[each] for each in (*call.required, *call.optional)}
    with contextlib.suppress(InputError, NotFound, Conflict, PermissionDenied):
        quick.ask(name, data.draw(st.fixed_dictionaries({}, optional=wanted)), HOST)
    assert quick.store.check() == []
    assert all(user.name for user in quick.phonebook.list())
