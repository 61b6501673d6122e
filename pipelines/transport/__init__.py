"""Dump files wherever they are: local paths, `https://`, `s3://`; listed, and opened as streams that survive faults."""

from pipelines.transport.listing import ContainerRef, list_containers
from pipelines.transport.options import RetryPolicy, TransportOptions
from pipelines.transport.streams import open_stream

__all__ = ["ContainerRef", "RetryPolicy", "TransportOptions", "list_containers", "open_stream"]
