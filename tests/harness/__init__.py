"""Starts, breaks and ends the real servers that system tests run against. README.md in this folder."""
