"""What is trained: networks and baselines, imported when they are looked up."""
