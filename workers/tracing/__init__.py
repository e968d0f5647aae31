"""Spans of what a worker does, for OpenTelemetry: off unless the setting `tracing` is on."""
