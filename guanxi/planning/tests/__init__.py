"""Tests of the planning capability."""
