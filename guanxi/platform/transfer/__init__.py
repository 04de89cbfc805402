"""Records out of the house and into it, through what their object declares."""
