"""check_views: test a View integration's source for the API, from where databases can be reached."""

from typing import Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from .. import view_wiring
from ..domain.view_problems import ViewProblem

bp = Blueprint(__name__)
logger = Logger()


@bp.lambda_function(name="check_views")
def check_views(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Test a source: `source` as stored, `connection` if it is not stored yet, and which `tables`."""
    from ..domain.view_source import from_json

    source = from_json(event["source"])
    logger.info("source is tested", integration_id=event["integration_id"], tables=event["tables"])
    try:
        check = view_wiring.check(source, event.get("connection"))
    except ViewProblem as problem:
        return {"connected": False, "problems": [["error", problem.code, "", problem.params]], "tables": []}
    try:
        return check.run(event["tables"])
    finally:
        check.database.close()
