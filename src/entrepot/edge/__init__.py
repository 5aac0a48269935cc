"""The client's side of an exchange: what is let in, and how bytes go out. No dialect, no model.

`Listener` takes connections, `connection` and `cycle` speak HTTP/1.1 on them and hand each request to the application;
`guard` and `Client` are what that makes of it.
"""

from entrepot.edge.asgi import Application, Headers, Line, Message, Scope
from entrepot.edge.client import (
    BODY_BYTES_PER_S,
    CLIENT_REQUEST_ID,
    JSON,
    MOST_HEADER_BYTES,
    MOST_HEADERS,
    Client,
    guard,
    new_request_id,
)
from entrepot.edge.listener import Listener

__all__ = [
    "BODY_BYTES_PER_S",
    "CLIENT_REQUEST_ID",
    "JSON",
    "MOST_HEADERS",
    "MOST_HEADER_BYTES",
    "Application",
    "Client",
    "Headers",
    "Line",
    "Listener",
    "Message",
    "Scope",
    "guard",
    "new_request_id",
]
