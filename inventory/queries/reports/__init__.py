"""Reports: what many movements come to, one file per report."""
