//! What is kept: the session recording writer and reader.
