"""Bulk uploads: jobs of the onboarding table."""

from pynamodb.exceptions import PutError

from ..domain.errors import Conflict
from ..domain.uploads import LIFE, BulkUpload
from ..domain.values import instant_text
from . import keys
from .jobs import Jobs
from .models import OnboardingJobItem


class Uploads(Jobs[BulkUpload]):
    """Uploads of every integration."""

    def __init__(self, table_name: str) -> None:
        super().__init__(table_name, OnboardingJobItem, BulkUpload, pk=keys.uploads, sk=keys.upload)

    def begin(self, upload: BulkUpload) -> None:
        """Store an upload whose file is still to come: no message is under way for it."""
        ends = int((upload.requested_at + LIFE).timestamp())
        item = self.new_item(upload, instant_text(upload.requested_at), ends)
        try:
            item.save(condition=OnboardingJobItem.pk.does_not_exist())
        except PutError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                raise Conflict() from error
            raise
