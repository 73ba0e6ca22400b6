"""Windows of schedules by dateutil's recurrence rules and zoneinfo's zones: an opinion of its own.

Reads a JSON object a line: rule (or null), zone, start, end, exceptions, from (seconds since 1970), until (nothing that
begins later is asked for), most. Writes a line for each: [[start, end], ...] of the windows that are not over at `from`.
"""

import datetime as clocks
import itertools
import json
import sys
import warnings
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

# COUNT beside an end of its own is deprecated there; here it bounds what a rule without an end may cost.
warnings.simplefilter("ignore")


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
    # It searches for what never comes until there: by itself, until the year 9999.
    clocks.MAXYEAR = end.year
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


def answer(asked):
    return list(itertools.islice(windows(asked), asked["most"]))


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
