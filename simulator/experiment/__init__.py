"""The study: replications on one or many processes, intervals, paired differences, results in a folder."""
