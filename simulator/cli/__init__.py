"""The command line: commands, options, exit statuses."""
