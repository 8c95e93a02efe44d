"""Runs the migrations on the connection that ``store.py`` provides, in its transaction."""

from alembic import context

LOCK = 7_067_332_001
"""An arbitrary number for an advisory lock: if several replicas start together, only one migrates the tables."""

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
