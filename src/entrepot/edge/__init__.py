"""The client's side of an exchange: what is let in, and how bytes go out. No dialect, no model.

`Listener` takes connections, `connection` and `cycle` speak HTTP/1.1 on them and hand each request to the application
in the terms of ASGI; `guard` and `Client` are what the application sees of it.
"""

from entrepot.edge.asgi import Application, Headers, Message, Receive, Scope, Send
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
    "Listener",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "guard",
    "new_request_id",
]
