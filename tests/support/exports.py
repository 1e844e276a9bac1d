"""Exports as a person asks for them, and their workbooks as a person reads them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import openpyxl

from chalicelib.excel.texts import unescape
from tests.support.world import Answer, World


def asked(world: World, role: str = "admin", language: str = "pt-BR", **body: Any) -> Answer:
    """Ask for an export of the last six days, unless the body says otherwise."""
    now = world.clock.now()
    period = {"from": (now - timedelta(days=6)).isoformat(), "to": (now + timedelta(hours=1)).isoformat()}
    headers = {"Accept-Language": language}
    return world.as_user(role, "POST", "/exports", {**period, **body}, headers=headers)


def stood(world: World, export_id: str, role: str = "admin", language: str = "pt-BR") -> dict[str, Any]:
    """Read where an export stands."""
    headers = {"Accept-Language": language}
    answer = world.as_user(role, "GET", f"/exports/{export_id}", headers=headers)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


def exported(world: World, role: str = "admin", language: str = "pt-BR", **body: Any) -> dict[str, Any]:
    """Ask for an export, work it off, and read how it ended."""
    answer = asked(world, role, language, **body)
    assert answer.status == 202, answer.body
    world.work_off_exports()
    found = stood(world, answer.body["export_id"], role, language)
    assert found["status"] == "done", found
    return found


@dataclass(frozen=True)
class Book:
    """A workbook: its bytes, and each sheet's rows by the header's titles, bodies joined."""

    content: bytes
    sheets: dict[str, list[dict[str, Any]]]

    def bodies(self, sheet: str) -> list[tuple[bytes, bytes]]:
        """Give the requests' and the answers' bytes of a sheet's rows."""
        titles = ("Corpo da requisição", "Corpo da resposta")
        return [
            tuple(unescape(row[title] or "").encode("utf-8", "surrogateescape") for title in titles)  # type: ignore[misc]
            for row in self.sheets[sheet]
        ]


def book_of(world: World, export: dict[str, Any]) -> Book:
    """Follow an export's link and read the workbook."""
    return read_book(world.files.behind(export["url"]))


def read_book(content: bytes) -> Book:
    """Read a workbook."""
    book = openpyxl.load_workbook(BytesIO(content))
    sheets = {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets
    }
    summary, *others = sheets
    found = {name: [_named(sheets[name][0], row) for row in sheets[name][1:]] for name in others}
    facts = {str(row[0]): row[1] for row in sheets[summary] if row[0]}
    return Book(content, {summary: [facts], **found})


def _named(header: list[Any], row: list[Any]) -> dict[str, Any]:
    """Name a row's cells; the continuations of a body are joined to it."""
    found: dict[str, Any] = {}
    for title, value in zip(header, row, strict=True):
        base, _, number = str(title).rpartition(" (")
        if number.rstrip(")").isdecimal() and base in found:
            found[base] = (found[base] or "") + (value or "")
        else:
            found[str(title)] = value
    return found


def local(moment: datetime, zone: Any) -> datetime:
    """Give a moment as the workbook shows it."""
    return moment.astimezone(zone).replace(tzinfo=None)
