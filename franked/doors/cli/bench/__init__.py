"""What a mail costs on this machine: the short bench. Its processes load nothing that they do not need."""
