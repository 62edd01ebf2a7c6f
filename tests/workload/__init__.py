"""A random workload against a source, beside a running task and bad weather. README.md in this folder."""
