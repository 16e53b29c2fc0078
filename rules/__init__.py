"""What a reservation may do: states, quorum, signed bytes, registration, hand-out.

Pure functions of documents and now: nothing here knows a store, a thread, a clock or a socket. The pages
``docs/states.md``, ``docs/signatures.md``, ``docs/registration.md`` and ``docs/lists.md`` say the same in words.
"""

from ._case import Case, Placement, placements_of
from ._compare import same_data
from ._engine import apply, next_deadline, open_case, waits_for
from ._enums import CATEGORY_OF, NextAction, Purpose, ResultState, Trigger, WorkloadKind
from ._events import (
    CustomerSigned,
    DeadlinePassed,
    DeleteSigned,
    Event,
    FarmerSigned,
    OperatorDeleted,
    ProvisionSigned,
    ResultReported,
    WorkloadDeleted,
)
from ._gwid import Gwid, format_gwid, parse_gwid
from ._handout import envelope, hand_out
from ._identity import login_bytes, user_bytes
from ._privacy import SECRET_FIELDS, without_secrets
from ._quorum import Quorum, quorum, signers_of
from ._registration import check_document_size, check_json, check_registration
from ._results import Report, embedded_text, reporter_of, result_bytes, signature_bytes, verify_result
from ._settings import Settings
from ._shapes import (
    Capacity,
    Connection,
    Container,
    Data,
    Kubernetes,
    Mount,
    Network,
    NetworkResource,
    Peer,
    Reservation,
    Result,
    Signature,
    SigningRequest,
    StatsAggregator,
    Volume,
    Workload,
    Zdb,
)
from ._signatures import FORMS, Form, Verification, accepted_forms, node_key, signed_bytes, verifies, verify
from ._step import QueueRow, Step
from ._surroundings import Needs, Surroundings, VolumeFact, farmers_of, needs
from ._table import TABLE, Row

__all__ = [
    "CATEGORY_OF",
    "FORMS",
    "SECRET_FIELDS",
    "TABLE",
    "Capacity",
    "Case",
    "Connection",
    "Container",
    "CustomerSigned",
    "Data",
    "DeadlinePassed",
    "DeleteSigned",
    "Event",
    "FarmerSigned",
    "Form",
    "Gwid",
    "Kubernetes",
    "Mount",
    "Needs",
    "Network",
    "NetworkResource",
    "NextAction",
    "OperatorDeleted",
    "Peer",
    "Placement",
    "ProvisionSigned",
    "Purpose",
    "QueueRow",
    "Quorum",
    "Report",
    "Reservation",
    "Result",
    "ResultReported",
    "ResultState",
    "Row",
    "Settings",
    "Signature",
    "SigningRequest",
    "StatsAggregator",
    "Step",
    "Surroundings",
    "Trigger",
    "Verification",
    "Volume",
    "VolumeFact",
    "Workload",
    "WorkloadDeleted",
    "WorkloadKind",
    "Zdb",
    "accepted_forms",
    "apply",
    "check_document_size",
    "check_json",
    "check_registration",
    "embedded_text",
    "envelope",
    "farmers_of",
    "format_gwid",
    "hand_out",
    "login_bytes",
    "needs",
    "next_deadline",
    "node_key",
    "open_case",
    "parse_gwid",
    "placements_of",
    "quorum",
    "reporter_of",
    "result_bytes",
    "same_data",
    "signature_bytes",
    "signed_bytes",
    "signers_of",
    "user_bytes",
    "verifies",
    "verify",
    "verify_result",
    "waits_for",
    "without_secrets",
]
