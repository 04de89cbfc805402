"""Records: the base model and change(), the one door for writes."""
