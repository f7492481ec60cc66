"""One module for each format of results; they register themselves with `io.result_registry`."""
