"""Named reads of value: indices, scales, snapshots, and what other weights would do."""
