"""Tests of the stewardship capability."""
