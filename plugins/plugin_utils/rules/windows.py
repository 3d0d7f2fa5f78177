# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows of time: nothing heavy starts unless it fits into the hours that the site allows for it."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

HOURS = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*\Z", re.A)


def refusal(window: str | None, now: datetime, seconds: float | None) -> str:
    """Why something heavy may not start now; "" when it may.

    window: ``22:00-05:00`` by the controller's clock, over midnight where the end is the smaller; None: at any time.
    seconds: how long it took last time, None when that is not known: then it only has to begin inside.
    """
    if not window:
        return ""
    hours = _hours(window)
    if hours is None:
        return f"the window {window!r} cannot be read (write it as 22:00-05:00)"
    left = _left(hours, now)
    if left is None:
        return f"it is {now:%H:%M}, outside of the window {window}"
    if seconds is not None and seconds > left.total_seconds():
        return f"{seconds:.0f} s were needed last time and {left.total_seconds():.0f} s are left of the window {window}"
    return ""


def _hours(window: str) -> tuple[time, time] | None:
    match = HOURS.match(window)
    try:
        return (time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))) if match else None
    except ValueError:
        return None


def _left(hours: tuple[time, time], now: datetime) -> timedelta | None:
    """What is left of the window that `now` is in."""
    first, last = (now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0) for at in hours)
    if first <= last:
        return last - now if first <= now < last else None
    if now >= first:
        return last + timedelta(days=1) - now
    return last - now if now < last else None
