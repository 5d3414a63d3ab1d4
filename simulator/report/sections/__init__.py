"""The sections of a report: functions of the view that return a section, or None where it does not apply."""
