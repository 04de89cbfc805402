"""The pages of care: today's queue, what it holds back, and the acts on a row."""
