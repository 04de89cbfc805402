"""How often Python looks for garbage: seldom, and never in what a process begins with."""

import gc

ROUNDS = (50_000, 20, 50)
"""New objects until the youngest are looked through, then rounds until older ones are. By default 700, 10 and 10."""


def settle() -> None:
    """Leave what is loaded out of the search for garbage, and search in larger steps.

    Half a million objects of code and models live as long as the process. Going through them again and again took a
    fifth of the time of an import, and pauses of pages.
    """
    gc.freeze()
    gc.set_threshold(*ROUNDS)
