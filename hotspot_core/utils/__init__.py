"""What all of the library uses: the command line, memory."""
