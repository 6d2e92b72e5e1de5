"""Starting a stack of one's own: a few answers in, a stack file out."""
