"""The life of one reservation over gedis, as the list of its steps."""

from __future__ import annotations

from . import _deployment as deployment
from . import _ending as ending
from . import _gedis_ending as proof
from . import _gedis_order as grid
from . import _gedis_work as work
from . import _order as order
from ._gedis_stage import GedisStage
from ._story import Chapter, Story

__all__ = ["STORY"]

STORY: Story[GedisStage] = Story(
    "The life of a reservation over gedis: a server, two nodes, and seven people",
    (
        Chapter(
            "A grid of two farms, and nobody has a secret of the server but its operator",
            (grid.server_starts, grid.people_register, grid.farmers_register_farms, grid.nodes_join),
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
            "The nodes deploy; meanwhile the server stops, and one of them loses its power",
            (
                work.first_half_is_deployed,
                work.answer_is_lost,
                work.server_stops,
                work.nodes_deploy_without_server,
                work.node_loses_power,
                work.server_comes_back,
                work.node_comes_back,
                work.rest_is_deployed,
                work.nodes_have_nothing_to_do,
                deployment.results_are_kept,
            ),
        ),
        Chapter(
            "What is refused",
            (
                work.stranger_is_refused,
                deployment.forgery_is_refused,
                deployment.replay_is_refused,
                work.other_node_is_refused,
                work.outsider_sees_no_secrets,
            ),
        ),
        Chapter(
            "Deletion; meanwhile the server is killed",
            (
                ending.deletion_is_proposed,
                ending.deletion_is_agreed,
                work.first_half_is_deleted,
                work.server_is_killed,
                work.nodes_delete_without_server,
                work.server_comes_back,
                work.rest_is_deleted,
                work.nodes_have_nothing_to_do,
                proof.nodes_stop,
            ),
        ),
        Chapter(
            "No step is lost, and none is done twice",
            (ending.history_is_told, proof.whole_life_is_proven, proof.store_is_sound),
        ),
    ),
)
