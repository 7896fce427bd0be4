"""The corpus: labelled reviews of both splits, their vocabulary and their digest."""
