"""Tests that look at the whole: architecture and journeys; tests of one part lie beside its code."""
