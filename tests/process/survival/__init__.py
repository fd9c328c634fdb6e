"""Processes that are killed at chosen moments, and the account of what became of their events.

`victim` is the program that is killed; `storm` starts many of it on one store; `account` holds what
a collector took against what the program was told, and names whatever the two do not explain. That
it does is shown by defects put in on purpose (`sabotage`), each met by chosen processes (`stages`).
"""
