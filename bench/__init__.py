"""Benchmarks: each prints JSON records beside a limit or a peer measured in the same run."""
