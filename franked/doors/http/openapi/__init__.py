"""The OpenAPI document: what the routes take and may answer with, told in one place."""
