"""From a benchmark's record to every figure and sentence that its report shows, by the functions of `statistics`."""
