"""Amazon itself: SES, its account, the queue its events come by."""
