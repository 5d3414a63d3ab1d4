"""The door: verbs, options, exit codes."""
