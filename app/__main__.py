"""python -m app: serve with the settings of the environment."""

import argparse
import sys

from app.settings import SettingsError, load_settings, settings_table


def main() -> int:
    """Serve, or print the table of settings; return the exit code."""
    parser = argparse.ArgumentParser(prog="digits", description="Serve the digit recognizer.")
    parser.add_argument(
        "--settings-table", action="store_true", help="print all settings in Markdown, and end"
    )
    arguments = parser.parse_args()
    if arguments.settings_table:
        print(settings_table())
        return 0
    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"digits: {error}", file=sys.stderr)
        return 2
    from app.logs import configure_logging
    from app.server import serve

    configure_logging(settings)
    return serve(settings)


if __name__ == "__main__":
    sys.exit(main())
