"""What the database knows of its own tables."""

from sqlalchemy.orm import Session


def refresh_statistics(session: Session) -> bool:
    """Let SQLite look at a sample of the tables that grew, so that it plans well.

    Answers whether there was anything to do: PostgreSQL keeps its statistics by itself.
    """
    if session.get_bind().dialect.name != "sqlite":
        return False
    connection = session.connection()
    connection.exec_driver_sql("PRAGMA analysis_limit=1000")  # rows of each index
    connection.exec_driver_sql("PRAGMA optimize=0x10002")  # analyse, all tables, where needed
    return True
