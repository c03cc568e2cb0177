"""NetFlow v9 (RFC 3954) and IPFIX (RFC 7011, 7012): templates, records, and what they say in our columns."""

from .reader import FlowsetReader
from .store import Limits, TemplateStore

__all__ = ["FlowsetReader", "Limits", "TemplateStore"]
