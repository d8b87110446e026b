"""What can be asked on the command line, by noun: names, options and their meaning; the work lies one room up."""
