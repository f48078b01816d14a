"""The ledger: one row per delivery, and no two workers that hold it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvitto.store import delivery as ledger
from kvitto.store.delivery import DeliveryKey
from kvitto.store.engine import Store
from kvitto.store.row import DeliveryState
from kvitto.store.worker import worker_name

KEY = DeliveryKey("northgate/R13/2017-12/1", "dana@northgate.example", "smtp")
ME, OTHER = worker_name(), "elsewhere/1/1/other"


def _enter(store: Store, noon: datetime) -> None:
    ledger.enter(store, KEY, "Dana", "<id@example.com>", noon)


def test_a_delivery_is_entered_once(store: Store, noon: datetime) -> None:
    _enter(store, noon)
    _enter(store, noon + timedelta(days=1))
    rows = ledger.list_deliveries(store, KEY.edition)
    assert [(row.recipient, row.state, row.created_at) for row in rows] == [
        (KEY.recipient, DeliveryState.pending, noon)
    ]


def test_of_many_workers_one_gets_the_claim(store: Store, noon: datetime) -> None:
    _enter(store, noon)
    with ThreadPoolExecutor(8) as pool:
        claims = list(
            pool.map(lambda i: ledger.claim(store, KEY, f"elsewhere/{i}/1/x", noon, 60), range(8))
        )
    assert len([claim for claim in claims if claim is not None]) == 1


def test_a_claim_that_ran_out_can_be_taken_and_the_first_worker_stops(
    store: Store, noon: datetime
) -> None:
    _enter(store, noon)
    later = noon + timedelta(seconds=61)
    ledger.claim(store, KEY, OTHER, noon, 60)
    assert ledger.claim(store, KEY, ME, noon, 60) is None
    assert ledger.claim(store, KEY, ME, later, 60) is not None
    assert not ledger.begin_handing(store, KEY, OTHER, later)
    assert ledger.begin_handing(store, KEY, ME, later)


def test_what_is_being_handed_over_is_never_claimed_again(store: Store, noon: datetime) -> None:
    _enter(store, noon)
    ledger.claim(store, KEY, OTHER, noon, 60)
    ledger.begin_handing(store, KEY, OTHER, noon)
    late = noon + timedelta(days=1)
    assert ledger.claim(store, KEY, ME, late, 60) is None
    assert ledger.find_lost(store, KEY, noon) is None
    assert ledger.find_lost(store, KEY, late) is not None


def test_a_sent_delivery_stays_sent(store: Store, noon: datetime) -> None:
    _enter(store, noon)
    ledger.claim(store, KEY, ME, noon, 60)
    ledger.begin_handing(store, KEY, ME, noon)
    assert ledger.record_sent(store, KEY, ME, noon)
    assert ledger.claim(store, KEY, OTHER, noon + timedelta(days=1), 60) is None
    assert not ledger.put_back(store, KEY, ME, noon, "again")
    assert not ledger.record_failed(store, KEY, ME, noon, "no")
    row = ledger.find_delivery(store, KEY)
    assert row is not None
    assert (row.state, row.sent_at) == (DeliveryState.sent, noon)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["claim", "hand", "sent", "failed", "unknown", "back"]),
        st.sampled_from([ME, OTHER]),
        st.integers(0, 200),
    ),
    max_size=25,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_no_order_of_steps_hands_a_delivery_over_twice(
    store: Store, noon: datetime, steps: list[tuple[str, str, int]]
) -> None:
    """Between two hand-overs there is always a channel's word that nothing left."""
    key = DeliveryKey(f"e/{abs(hash(tuple(steps)))}", KEY.recipient, KEY.channel)
    ledger.enter(store, key, "Dana", "<id@example.com>", noon)
    now, handed, may_hand = noon, 0, True
    for step, worker, seconds in steps:
        now += timedelta(seconds=seconds)
        if step == "claim":
            ledger.claim(store, key, worker, now, 60)
        elif step == "hand":
            if ledger.begin_handing(store, key, worker, now):
                assert may_hand
                handed, may_hand = handed + 1, False
        elif step == "back":
            may_hand = ledger.put_back(store, key, worker, now, "refused") or may_hand
        elif step == "sent":
            ledger.record_sent(store, key, worker, now)
        elif step == "failed":
            ledger.record_failed(store, key, worker, now, "no")
        else:
            ledger.record_unknown(store, key, worker, now, "lost")
