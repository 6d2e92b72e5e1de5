"""The proof of a running stack: it serves in every region, survives the loss of one, and loses nothing."""
