"""The collector as an object: for tests, demonstrations and the command line."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from declarant_collector._api import Api
from declarant_collector._intake import Intake
from declarant_collector._judge import MAX_REQUEST_BYTES, Judge
from declarant_collector._rules import Policy
from declarant_collector._script import Script
from declarant_collector._script_file import make_script
from declarant_collector._server import INGEST_PATH, CollectorServer
from declarant_collector._store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import TracebackType

    from declarant_collector._intake import Log
    from declarant_collector._judge import EventCheck
    from declarant_collector._rows import StoredEvent, StoredRequest

__all__ = ["Collector"]


class Collector:
    """A local OneCollector in a thread of this process.

    Use it as a context manager; everything it was sent can be asked for until it is closed::

        with Collector() as collector:
            send_something(collector.url)
            assert [event.name for event in collector.accepted()] == ["ModelKitAction"]
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tenants: Iterable[str] = (),
        schemas: Path | None = None,
        database: Path | None = None,
        script: Script | Iterable[object] = (),
        strict: bool = True,
        off: Iterable[str] = (),
        max_request_bytes: int = MAX_REQUEST_BYTES,
        clock: Callable[[], float] = time.time,
        log: Log | None = None,
    ) -> None:
        """Bind the address; serving starts with `start`.

        Args:
            host: Address to listen on.
            port: Port to listen on; 0 takes any free one.
            tenants: Full keys of the tenants; none takes any well-formed key.
            schemas: Folder of a catalogue that events have to fit as well, or None.
            database: SQLite file to keep; None keeps everything in a temporary one.
            script: Fault rules, see `declarant_collector._script`.
            strict: False switches the local strict rules off.
            off: Local rules to switch off one by one.
            max_request_bytes: Larger requests are answered 413.
            clock: Seconds since 1970, for the clock delta and the times shown.
            log: Shows each record as it comes.

        Raises:
            OSError: The address cannot be bound.
            ScriptError: A fault rule cannot be followed.
            ValueError: *off*, *database* or *schemas* cannot be used; the message says why.
            sqlite3.Error: *database* cannot be opened.
        """
        judge = Judge(
            policy=Policy.from_options(strict=strict, off=off),
            tenants=frozenset(tenants),
            check=None if schemas is None else _catalogue_check(schemas),
            max_request_bytes=max_request_bytes,
        )
        chosen = script if isinstance(script, Script) else make_script(script)
        self._store = Store(database)
        self._intake = Intake(judge=judge, script=chosen, store=self._store, clock=clock, log=log)
        try:
            api = Api(self._store, self._intake.reset)
            self._server = CollectorServer((host, port), intake=self._intake, api=api)
        except BaseException:
            self._store.close()
            raise
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._server.server_port

    @property
    def base_url(self) -> str:
        """Address of the server, without a path."""
        host = self._server.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def url(self) -> str:
        """The endpoint to send to."""
        return f"{self.base_url}{INGEST_PATH}/"

    def start(self) -> None:
        """Serve in a thread until `close`."""
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},
            name="collector",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving, end every connection and close the store."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._store.close()

    def __enter__(self) -> Collector:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def accepted(self, name: str | None = None) -> list[StoredEvent]:
        """Return the events taken so far, in order; of one name if given."""
        return self._store.events(outcomes=("accepted",), name=name)

    def rejected(self, name: str | None = None) -> list[StoredEvent]:
        """Return the events refused, or counted but not stored, with their violations."""
        return self._store.events(outcomes=("rejected", "discarded"), name=name)

    def unsettled(self, name: str | None = None) -> list[StoredEvent]:
        """Return the events that a fault script kept from being taken."""
        return self._store.events(outcomes=("unsettled",), name=name)

    def requests(self) -> list[StoredRequest]:
        """Return the requests so far, in order."""
        return self._store.requests()

    def counts(self) -> dict[str, object]:
        """Return how many requests and events came, by outcome, name and rule."""
        return self._store.counts()

    def reset(self) -> None:
        """Forget everything received and start the fault script again."""
        self._intake.reset()


def _catalogue_check(folder: Path) -> EventCheck:
    # Late: the catalogue brings jsonschema and its company, which a plain collector never needs.
    from declarant_collector._catalogue import load_catalogue_check

    return load_catalogue_check(folder)
