"""A fixed sample of small faults in the code, by area, that the tests have to notice."""

from __future__ import annotations

from benchmarks.mutations.check_mutations import CHECK_MUTATIONS
from benchmarks.mutations.contract_mutations import CONTRACT_MUTATIONS
from benchmarks.mutations.evidence_mutations import EVIDENCE_MUTATIONS
from benchmarks.mutations.mutation import Mutation
from benchmarks.mutations.privacy_mutations import PRIVACY_MUTATIONS
from benchmarks.mutations.workflow_mutations import WORKFLOW_MUTATIONS

MUTATIONS: tuple[Mutation, ...] = (
    *CONTRACT_MUTATIONS,
    *WORKFLOW_MUTATIONS,
    *CHECK_MUTATIONS,
    *PRIVACY_MUTATIONS,
    *EVIDENCE_MUTATIONS,
)
