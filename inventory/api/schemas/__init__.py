"""What the JSON looks like: `...In` and `...Query` are read with care, `...Out` are written."""
