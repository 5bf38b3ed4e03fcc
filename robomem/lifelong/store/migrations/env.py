"""What Alembic runs: always on a connection that RoboMem opened."""

from alembic import context

from robomem.lifelong.store.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
