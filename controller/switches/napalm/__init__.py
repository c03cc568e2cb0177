"""Switches that take a candidate configuration, through NAPALM: load, compare, commit with a timer, confirm.

NAPALM is imported at the first use only: it costs seconds. Its own habits that matter to who runs it:
`commit_config` and `confirm_commit` save the running configuration, somebody else's unsaved changes included.
"""
