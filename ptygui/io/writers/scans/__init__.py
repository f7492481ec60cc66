"""One module a format of scans that is written; each registers itself (writers.scan_registry)."""
