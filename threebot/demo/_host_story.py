"""The life of one reservation in one process, as the list of its steps."""

from __future__ import annotations

from . import _deployment as deployment
from . import _ending as ending
from . import _order as order
from ._host_stage import HostStage
from ._story import Chapter, Story

__all__ = ["STORY"]

STORY: Story[HostStage] = Story(
    "The life of a reservation, with everybody who takes part in it",
    (
        Chapter(
            "A grid of two farms",
            (order.host_starts, order.phonebook_is_filled, order.directory_is_filled),
        ),
        Chapter(
            "An order",
            (order.customer_registers, order.customer_signs),
        ),
        Chapter(
            "Two of three co-signers agree",
            (order.first_cosigner_signs, order.cosigner_signs_again, order.second_cosigner_signs),
        ),
        Chapter(
            "The farmers are paid",
            (order.farmers_sign,),
        ),
        Chapter(
            "The nodes deploy",
            (
                deployment.nodes_begin,
                deployment.nodes_deploy,
                deployment.nodes_see_nothing_new,
                deployment.results_are_kept,
            ),
        ),
        Chapter(
            "Lists by node, state and epoch",
            (order.other_order_waits, deployment.list_by_node, deployment.list_by_state, deployment.list_by_epoch),
        ),
        Chapter(
            "What is refused",
            (deployment.forgery_is_refused, deployment.replay_is_refused, deployment.wrong_node_is_refused),
        ),
        Chapter(
            "Deletion",
            (ending.deletion_is_proposed, ending.deletion_is_agreed, ending.nodes_delete),
        ),
        Chapter(
            "After a restart",
            (
                ending.host_stops,
                ending.host_starts_again,
                ending.everything_is_still_there,
                ending.history_is_told,
                ending.store_is_sound,
            ),
        ),
    ),
)
