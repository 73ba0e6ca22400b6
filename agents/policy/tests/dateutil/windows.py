"""Windows of schedules by dateutil's recurrence rules and zoneinfo's zones: an opinion of its own.

Reads a JSON object a line: rule (or null), zone, start, end, exceptions, from (seconds since 1970), until (nothing that
begins later is asked for), most. Writes a line for each: [[start, end], ...] of the windows that are not over at `from`.
"""

import itertools
import json
import signal
import sys
import warnings
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

# COUNT beside an end of its own is deprecated there; here it bounds what a rule without an end may cost.
warnings.simplefilter("ignore")

PATIENCE_S = 0.3


def moments(asked):
    zone = ZoneInfo(asked["zone"])
    first = datetime.fromtimestamp(asked["start"], zone).replace(tzinfo=None)
    if asked["rule"] is None:
        yield asked["start"]
        return
    parts = dict(part.split("=") for part in asked["rule"].split(";"))
    until = parts.pop("UNTIL", None)
    last = asked["until"]
    if until is not None:
        until = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        last = min(last, until.timestamp())
    # Clocks go back past moments: a day more, and each moment is looked at.
    end = datetime.fromtimestamp(last, zone).replace(tzinfo=None) + timedelta(days=1)
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        rule = rrulestr(text, dtstart=first).replace(until=end)
    except ValueError as error:
        # What dateutil does not even begin.
        assert "generates an empty set" in str(error), error
        return
    for clock in rule:
        moment = clock.replace(tzinfo=zone).timestamp()
        if moment <= last:
            yield int(moment)


def windows(asked):
    lasts = asked["end"] - asked["start"]
    for start in moments(asked):
        if start + lasts > asked["from"] and start not in asked["exceptions"]:
            yield [start, start + lasts]


class GivesUp(Exception):
    """It searches for a window that never comes, until the year 9999."""


searching = False


def give_up(signal, frame):
    if searching:
        raise GivesUp


def answer(asked):
    global searching
    found = []
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE_S)
    try:
        searching = True
        for window in itertools.islice(windows(asked), asked["most"]):
            found.append(window)
        # In here, so that a timer which rings until now is heard by this handler.
        searching = False
    except GivesUp:
        searching = False
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return found


signal.signal(signal.SIGVTALRM, give_up)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
