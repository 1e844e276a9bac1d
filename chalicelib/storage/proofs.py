"""Proofs of completeness: jobs that are kept for good."""

from ..domain.proofs import Proof
from . import keys
from .jobs import Jobs
from .models import OnboardingJobItem


class Proofs(Jobs[Proof]):
    """Proofs of every integration."""

    def __init__(self, table_name: str) -> None:
        super().__init__(table_name, OnboardingJobItem, Proof, pk=keys.proofs, sk=keys.proof)

    def begin(self, proof: Proof, grace_until: str) -> None:
        """Store a new proof."""
        self.new_item(proof, grace_until, None).save(condition=OnboardingJobItem.pk.does_not_exist())
