"""Runs the changes on the connection that ``report_store.py`` hands over, in its transaction."""

from alembic import context

LOCK = 7_067_332_001
"""An advisory lock's number, ours by choice: of several replicas that start together one changes the tables."""

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
