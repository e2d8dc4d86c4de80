"""The commands of `python app.py`, one a file.

Each module gives `HELP`, `add_arguments(parser)` and `run(arguments, house) -> int`, the exit
status. The command is called as the file is, with `-` for `_`.
"""
