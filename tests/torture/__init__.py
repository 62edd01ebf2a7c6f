"""The torture database: everything that a MySQL or MariaDB table can be, at its edges. README.md in this folder."""
