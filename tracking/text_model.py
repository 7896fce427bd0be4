"""The registered model: raw text in, label and probability out."""
