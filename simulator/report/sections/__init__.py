"""The sections of a report, a module each: a function of the view that draws, tells and tabulates, or says None."""
