"""What all of the library uses: the command line, files, memory, the processor."""
