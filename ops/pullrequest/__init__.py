"""A pull request's comment: read previews, write one comment that fits, put it where it belongs."""
