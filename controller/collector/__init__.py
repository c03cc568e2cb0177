"""UDP datagrams and pcap files of export datagrams in, FlowBatch out."""

from .config import CollectorConfig
from .datagram import Datagram, Decoded, Decoder
from .pcap import Capture
from .reference import ReferenceDecoder
from .udp import Collector

__all__ = ["Capture", "Collector", "CollectorConfig", "Datagram", "Decoded", "Decoder", "ReferenceDecoder"]
