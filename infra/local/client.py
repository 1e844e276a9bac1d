"""A small client of the product's API, as the CRM's page or an ERP would have one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import urllib3


class ApiError(RuntimeError):
    """The API refused a call: carries the status and the problem document."""

    def __init__(self, method: str, path: str, status: int, problem: dict[str, Any]) -> None:
        said = problem.get("detail") or problem
        super().__init__(f"{method} {path}: HTTP {status}: {said}")
        self.status, self.problem = status, problem


class Api:
    """Calls the API with one bearer token; `url` ends before /v1."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self._token = url, token
        retry = urllib3.Retry(
            total=5, status_forcelist=(502, 503, 504), backoff_factor=0.3, raise_on_status=False
        )
        self._connections = urllib3.PoolManager(retries=retry)

    def get(self, path: str) -> Any:
        """Read; raises ApiError."""
        return self.call("GET", path)

    def post(self, path: str, body: object) -> Any:
        """Create or start; raises ApiError."""
        return self.call("POST", path, body)

    def put(self, path: str, body: object) -> Any:
        """Replace; raises ApiError."""
        return self.call("PUT", path, body)

    def patch(self, path: str, body: object) -> Any:
        """Change; raises ApiError."""
        return self.call("PATCH", path, body)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call with a JSON body, return the JSON answer; raises ApiError unless it is a success."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept-Language": "en"}
        sent = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            sent = json.dumps(body).encode()
        answer = self._connections.request(method, self.url + path, body=sent, headers=headers, timeout=60)
        found = json.loads(answer.data) if answer.data else None
        if answer.status >= 300:
            raise ApiError(method, path, answer.status, found if isinstance(found, dict) else {})
        return found

    def items(self, path: str) -> Iterator[Any]:
        """Read a whole list, page by page."""
        joint, cursor = "&" if "?" in path else "?", ""
        while True:
            page = self.get(f"{path}{joint}limit=200{cursor}")
            yield from page["items"]
            if not page["next_cursor"] or not page["items"]:
                return
            cursor = f"&cursor={page['next_cursor']}"
