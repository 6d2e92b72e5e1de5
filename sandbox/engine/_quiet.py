"""Imported first: gRPC's core reads its verbosity when it starts, and would write of every connection that ends."""

import os

os.environ.setdefault("GRPC_VERBOSITY", "NONE")
