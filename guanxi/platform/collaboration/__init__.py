"""What stands beside every record: comments, followers, documents, history, trash, and the notifications about it."""
