"""One database: opened, migrated, and handed out as short transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from controller.core.errors import ConfigError, StoreError

BUSY_TIMEOUT_MS = 10_000
NEWEST, REVISION_TABLE = "0003", "alembic_version"


class Store:
    """The database. `transaction()` writes, `reading()` reads; repositories take the connection they give."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # SQLite has one writer at a time, and who finds it busy sleeps for longer and longer: threads of this process hand
        # over to each other at once instead.
        self._turn: AbstractContextManager[Any] = threading.Lock() if _is_sqlite(engine) else nullcontext()

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Connection]:
        """All or nothing. On SQLite writers queue up from the first statement on.

        `durable` = on the disk when the block ends, whatever happens then. Otherwise it survives the death of this
        process, but a power cut may take the last moments, never the order: for progress that is read again from the
        switch anyway. It saves a flush, measured at 1 to 10 ms on ordinary disks.
        """
        try:
            with self._turn, self.engine.connect() as connection:
                self._flush(connection, durable=durable)
                with connection.begin():
                    if not durable and self.engine.dialect.name == "postgresql":
                        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                    yield connection
        except SQLAlchemyError as error:
            raise StoreError(
                _first_line(error), where=_safe(self.engine), do="nothing was changed; try again"
            ) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads; it never holds up a writer."""
        try:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(_first_line(error), where=_safe(self.engine)) from error

    def _flush(self, connection: Connection, *, durable: bool) -> None:
        """SQLite's WAL is flushed at every commit with FULL, and at checkpoints only with NORMAL."""
        if _is_sqlite(self.engine):
            raw: Any = connection.connection.dbapi_connection
            raw.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")

    def flush(self) -> None:
        """Put everything that was committed without being durable on the disk; writers are not held up."""
        if not _is_sqlite(self.engine):
            with self.reading() as reading:
                reading.exec_driver_sql("SELECT txid_current()")  # a commit of its own, and synchronous
            return
        with self.engine.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()  # syncs the WAL before it copies

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open a database by its SQLAlchemy address and bring it to the newest schema. ConfigError for a bad address."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(
            "is no database address", where="store", do="sqlite:////path or postgresql+psycopg://..."
        ) from error
    if parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        _make_folder(Path(str(parsed.database)).parent)
    try:
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite")
    except NoSuchModuleError as error:
        raise ConfigError(
            "names a database that Cordon does not know", where="store", do="sqlite or postgresql"
        ) from error
    if parsed.get_backend_name() == "sqlite":
        _prepare_sqlite(engine)
    store = Store(engine)
    _migrate(store)
    return store


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot be made: {error.strerror}", where=f"data_dir {folder}", do="name a folder that Cordon may write to"
        ) from error


def _revision(store: Store) -> str | None:
    """The schema that is there; None in a new database."""
    with store.reading() as connection:
        if not inspect(connection).has_table(REVISION_TABLE):
            return None
        found = connection.exec_driver_sql(f"SELECT version_num FROM {REVISION_TABLE}").scalar()  # noqa: S608 our own name
        return None if found is None else str(found)


def _migrate(store: Store) -> None:
    """Who finds the newest schema there, waits for no writer: most commands only read."""
    if _revision(store) == NEWEST:
        return
    import alembic.command  # noqa: PLC0415 half a second, for what is done once
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with store.transaction() as connection:  # one writer at a time, so two starting processes do not both migrate
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None  # this module says BEGIN, not the sqlite3 module
        cursor = dbapi.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # an intent is on the disk before the first command leaves
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Asked of the connection itself SQLite calls both the same, and who reads would lock out who writes.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _first_line(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None)
    return str(original or error).splitlines()[0]


def _safe(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
