"""The command line. Trades nothing by itself: each command reads, explains or simulates."""
