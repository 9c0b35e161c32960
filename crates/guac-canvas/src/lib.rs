//! A Guacamole client's display in memory, for tests, thumbnails and export.
