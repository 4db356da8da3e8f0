from __future__ import annotations

from tests.adapters.coinbase.sandbox_rig import Rig, market
from unified_coinbase.sandbox_memory import Edit, Memory, public_id_of


def test_orders_are_found_by_their_public_ids_as_they_come() -> None:
    rig, memory = Rig(), Memory()
    first = rig.created()
    assert memory.order(rig.account, first) is rig.last_order()
    second = rig.created()
    assert memory.order(rig.account, second) is rig.last_order()
    assert public_id_of(rig.last_order()) == second != first
    assert memory.order(rig.account, "nobody's") is None


def test_orders_of_others_are_not_found() -> None:
    rig, memory = Rig(), Memory()
    assert memory.order(rig.sandbox.engine.accounts["second"], rig.created()) is None


def test_fills_are_counted_once() -> None:
    rig, memory = Rig(), Memory()
    rig.created(configuration=market(base_size="0.001"))
    order = rig.last_order()
    assert [memory.count_fills(rig.account, order) for _ in range(2)] == [len(rig.account.fills)] * 2 == [1, 1]
    rig.created(configuration=market(base_size="0.001"))
    assert (memory.count_fills(rig.account, order), memory.count_fills(rig.account, rig.last_order())) == (1, 1)


def test_edits_are_kept_in_their_order() -> None:
    rig, memory = Rig(), Memory()
    rig.created()
    edits = [Edit(price="1", size="2", time_us=3), Edit(price="4", size="5", time_us=6)]
    for edit in edits:
        memory.note_edit(rig.last_order(), edit)
    assert memory.edits(rig.last_order()) == edits
