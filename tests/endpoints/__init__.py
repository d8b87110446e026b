"""Webhook endpoints that do not listen, or lead inside, while mail is sent and settled."""
