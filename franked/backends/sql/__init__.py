"""The record in SQL: verbs that are plain functions of a connection, and what they run on."""
