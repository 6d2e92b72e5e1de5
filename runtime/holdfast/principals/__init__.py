"""Item-level access: every principal on credentials that reach its own items only."""

from holdfast.principals.clients import PrincipalClients
from holdfast.principals.credentials import TAG, Credentials, PrincipalCredentials, session_policy

__all__ = ["TAG", "Credentials", "PrincipalClients", "PrincipalCredentials", "session_policy"]
