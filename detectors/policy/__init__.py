"""The allowed east-west traffic: groups of machines, rules between them, and who broke one.

`matrix.py` is groups and rules, `mapping.py` reads and writes them as plain data, `groups.py` says whose machine an address is,
`days.py` gives first connections day by day, `observer.py` holds them against the rules, `learner.py` proposes rules from what
was seen.
"""
