"""Alembic's way in: it gets its connection from `migrate`."""

from alembic import context

from franked.backends.sql.schema import messages

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=messages.metadata,
    render_as_batch=True,  # SQLite can't alter a table in place
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
