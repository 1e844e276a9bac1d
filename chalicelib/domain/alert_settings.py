"""What a customer may decide about its alerts."""

from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, PlainValidator, ValidationError

from .setting_fields import SHAPE, Flag, invalid_setting, whole

Language = Literal["pt-BR", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
MAX_HOURS: Final = 720


Hours = Annotated[int, PlainValidator(whole(1, MAX_HOURS), json_schema_input_type=int)]


class AlertSettings(BaseModel):
    """Language and rhythm of the messages, and what they are sent for.

    reminder_hours      an open incident is brought to mind again after so long
    partial_is_success  whether a run with rejected records keeps the integration fresh
    run_errors, erp_silent, dead_letters  incidents beside the one of no success in time, which is always on
    """

    model_config = SHAPE

    language: Language = "pt-BR"
    reminder_hours: Hours = 24
    partial_is_success: Flag = True
    run_errors: Flag = True
    erp_silent: Flag = True
    dead_letters: Flag = True


def parse_settings(raw: object) -> AlertSettings:
    """Validate settings as sent; raises InvalidSetting."""
    try:
        return AlertSettings.model_validate(raw)
    except ValidationError as error:
        raise invalid_setting(error, under="alert_settings") from None


def merged(known: AlertSettings, sent: AlertSettings) -> AlertSettings:
    """Change what was sent and leave the rest: whoever changes the language switches nothing on or off."""
    return known.model_copy(update={name: getattr(sent, name) for name in sent.model_fields_set})


def dump_settings(settings: AlertSettings) -> dict[str, Any]:
    """Give the settings as JSON values."""
    return settings.model_dump(mode="json")
