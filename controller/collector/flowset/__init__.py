"""NetFlow v9 (RFC 3954) and IPFIX (RFC 7011, 7012): templates, records, and what they say in our columns."""

from .keep import KeepingDecoder
from .reader import FlowsetReader
from .store import Limits, TemplateStore

__all__ = ["FlowsetReader", "KeepingDecoder", "Limits", "TemplateStore"]
