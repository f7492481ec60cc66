"""What is written: results, one module a format (listed in writers.results), and scans (writers.scans)."""
