"""`python -m cross2stra VERB`: user errors end in one sentence, without a traceback."""

import sys

from cross2stra.cli import app


def main() -> None:
    """Run a verb; a ValueError or OSError is the user's to mend and is printed as one line."""
    try:
        app()
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
