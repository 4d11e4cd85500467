//! SEGMENTS → STREAM ITEMS: reassembly and the facts of each connection.
