"""Between the analyses and the database: what planning knows, rhythms from the lake, the providers of
occasions."""
