"""The demo company: real retail transactions under invented names, and a generated business with other firms."""
