"""One module a format that is written: results (through io.export), and scans (ptychopinn)."""
