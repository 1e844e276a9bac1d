"""Start ministack, with one of its waits cut short; run by the local AWS's own Python.

After each invocation it waits 50 ms for a first line of the function's log, and most invocations write none:
the page's files alone would take seconds. A line that comes later is read after the next invocation.
"""

import inspect
import runpy
from functools import partialmethod

from ministack.core.lambda_runtime import Worker  # type: ignore[import-not-found]

SECONDS = 0.002

wait_for_log = Worker._drain_stderr_bounded
inspect.signature(wait_for_log).parameters["first_line_wait"]  # KeyError: this version waits otherwise
Worker._drain_stderr_bounded = partialmethod(wait_for_log, first_line_wait=SECONDS)

if __name__ == "__main__":
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)
