"""From benchmark records to reports, comparisons and leaderboards."""
