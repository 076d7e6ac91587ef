"""The zimg command, a file for each subcommand."""
