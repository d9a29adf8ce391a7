"""python -m app: serve with the settings of the environment."""

import argparse
import contextlib
import gc
import os
import sys

from app.settings import Settings, SettingsError, load_settings, settings_table


def main() -> int:
    """Serve, or print the table of settings; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="digits", description="Serve the digit recognizer, set by DIGITS_* of the environment."
    )
    parser.add_argument(
        "--workers", type=int, help="processes that serve; overrides DIGITS_WORKERS"
    )
    parser.add_argument(
        "--settings-table", action="store_true", help="print all settings in Markdown, and end"
    )
    arguments = parser.parse_args()
    if arguments.settings_table:
        print(settings_table())
        return 0
    if arguments.workers is not None:
        os.environ["DIGITS_WORKERS"] = str(arguments.workers)
    try:
        settings = load_settings()
        if settings.workers == 1:
            return _serve(settings)
        if not hasattr(os, "fork"):
            raise SettingsError(
                "several workers need fork, which Windows lacks; set DIGITS_WORKERS to 1, or run "
                "the service in WSL or Docker."
            )
        from app.telemetry.shared_metrics import shared_metrics

        with shared_metrics():
            return _serve(settings)
    except SettingsError as error:
        return _cannot_start(str(error))


def _serve(settings: Settings) -> int:
    gc.disable()  # nothing is garbage yet, and looking for some takes its time
    # Imported here, so that wrong settings are reported at once; and prometheus_client decides
    # when it is imported whether workers share their counters.
    from app.main import create_app
    from app.server.server import Server, bind
    from app.telemetry.logs import configure_logging
    from model.errors import WeightsError

    configure_logging(settings)
    try:
        app = create_app(settings)
        service = app.state.service
        service.load()
        gc.collect()
        gc.freeze()  # what is loaded stays: later collections need not look through it
        gc.enable()
        listening = bind(settings.host, settings.port)
    except WeightsError as error:
        return _cannot_start(str(error))
    except OSError as error:
        number = error.errno or 0
        # The resolver's errors have numbers below 0 (EAI_NONAME and others).
        reason = os.strerror(number).lower() if number >= 0 else "there is no such host"
        host = error.filename or settings.host
        where = f"[{host}]" if ":" in host else host
        return _cannot_start(f"cannot listen on {where}:{settings.port}: {reason}")

    def work() -> int:
        server = Server(app)
        server.run(listening)
        return 0 if server.started else 1

    if settings.workers == 1:
        return work()
    from app.server.workers import Supervisor  # whose signals Windows lacks

    end_seconds = settings.drain_seconds + settings.shutdown_seconds + 1
    return Supervisor(settings.workers, work, service.reload, listening, end_seconds).run()


def _cannot_start(reason: str) -> int:
    print(f"digits: {reason}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
