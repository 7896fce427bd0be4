"""The charts of the report, each from an `Analysis`."""
