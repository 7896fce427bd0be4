"""The sections of the report, each from an `Analysis`; none of them computes a statistic."""
