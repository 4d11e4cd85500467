//! What happened on a connection, in order, owned and bounded.
