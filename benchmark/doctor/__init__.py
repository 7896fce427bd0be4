"""What can be wrong with this machine, and how to mend it; what can be wrong with the store is `tracking.doctor`'s."""
