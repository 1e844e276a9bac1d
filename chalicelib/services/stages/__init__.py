"""The stages of a run, one module each: `step(work, cursor)` does a bounded piece and can be repeated.

A step first clears what the last committed step had finished with, then does its work by puts and
deletes of whole items, and answers the new cursor, counts and log lines, which the run saves in one
conditional write. Killed anywhere, the next worker repeats the step: nothing is lost or counted twice.
"""

from . import analyse, categorise, extract, finish, load, update

STEPS = {
    "extract": extract.step,
    "load": load.step,
    "analyse": analyse.step,
    "update": update.step,
    "categorise": categorise.step,
    "finish": finish.step,
}
