"""The cordon command."""
