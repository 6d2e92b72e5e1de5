"""The holdfast command line."""


def main() -> None:
    """Run the command."""
