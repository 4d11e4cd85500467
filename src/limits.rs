//! Every bound on memory, in one place, each with its default and its reason.

/// Upper bounds on what is kept in memory; crossing one is reported, never a crash.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the read buffer a capture starts with; larger ones are slower (cache misses).
    pub capture_buffer: usize,
    /// Bytes of the largest record or block of a capture file; beyond it the file is taken as corrupt.
    pub capture_block: usize,
    /// Bytes of options of one pcapng block; parsed, they take ten times as much.
    pub capture_options: usize,
    /// Bytes of TLS key logs inside a pcapng file that wait to be taken.
    pub capture_secrets: usize,
    /// Interfaces remembered in one pcapng section.
    pub capture_interfaces: usize,
    /// Bytes of the window or dictionary of compressed data; files that want more are refused.
    pub decompression_window: usize,
    /// Link types listed for one capture file.
    pub capture_link_types: usize,
    /// Warnings kept for one capture file; further ones are counted.
    pub capture_warnings: usize,
    /// Interfaces and comments listed for one capture file; further ones are counted.
    pub capture_listed: usize,
    /// Bytes of a comment, or of the name or description of something in a capture file.
    pub capture_text: usize,
    /// Bytes of the names that one capture file gives to addresses, with what holds them.
    pub capture_names: usize,
    /// Packets remembered to find them again in the next file of a set that overlaps; 24 bytes each.
    pub overlap_packets: usize,
    /// Tags and tunnels nested in one packet.
    pub decode_nesting: usize,
    /// Bytes of IP fragments that wait for the rest of their packet, with what holds them together.
    pub ip_fragments: usize,
    /// IP packets of which fragments wait at once; the oldest goes first.
    pub ip_fragment_trains: usize,
    /// Pieces of one fragmented IP packet: the smallest usual MTU makes 52 of the longest packet.
    pub ip_fragment_pieces: usize,
    /// TCP connections tracked at once, reduced ones included; the least recently active goes first.
    pub flows: usize,
    /// TCP connections tracked with reassembly at once.
    pub flows_reassembled: usize,
    /// Out-of-order bytes held for one direction of a connection.
    pub out_of_order_bytes: usize,
    /// Out-of-order pieces held for one direction; answers the attack of many one-byte segments.
    pub out_of_order_pieces: usize,
    /// Out-of-order bytes held over all connections.
    pub out_of_order_total: usize,
    /// Bytes of an HTTP head (request line or status line with its headers).
    pub http_head: usize,
    /// Bytes of header fields that one direction of an HTTP/2 connection remembers, whatever it announces.
    pub http2_table: usize,
    /// WebSockets open at once on one HTTP/2 connection; common servers allow 100 to 250 streams.
    pub http2_streams: usize,
    /// WebSockets that one HTTP/2 connection is reported with, those that are over included.
    pub http2_records: usize,
    /// Client bytes held between an upgrade request and its answer.
    pub early_data: usize,
    /// Bytes kept while framing is lost and a place to resume is looked for, per direction.
    pub resync_buffer: usize,
    /// Events of one connection's timeline: half of them from its start, half from its end.
    pub timeline_events: usize,
    /// Timeline events that the connections open at once share: each that begins is given its part of what is
    /// left. All of its events are kept of up to 128 connections; of very many, nobody reads every message,
    /// and each event takes about 90 bytes of memory. As those before it keep theirs, `n` open connections keep
    /// at most `1 + ln(n / 128)` times as many, or [`timeline_least`](Self::timeline_least) each.
    pub timeline_total: usize,
    /// Timeline events of all connections that have ended, for the report: beyond it each of them has
    /// [`timeline_least`](Self::timeline_least). An event takes about 400 bytes of a JSON report.
    pub timeline_reported: usize,
    /// Timeline events that a connection keeps even when all together keep very many.
    pub timeline_least: usize,
    /// Connections that the report on a live capture lists, the newest ones: it may run for days. Those
    /// before are told when they end and counted. Each takes up to 25 KiB.
    pub connections_kept: usize,
    /// Bytes of connections that have ended that wait in memory for the report; more are moved into a temporary
    /// file. Beside it, each connection takes under 200 bytes, and one that was still open at its capture's end keeps
    /// its memory until another capture ends.
    pub records_in_memory: usize,
    /// Items of any other list of one connection (violations, resets, gaps, unparsed stretches).
    pub listed: usize,
    /// Bytes of a connection without its start that are held while it is unclear what it carries.
    pub midstream_bytes: usize,
    /// Chunks of such a connection after which it is taken for something else.
    pub midstream_chunks: usize,
    /// Chunks of an HTTP connection, behind a hole that hides where the next message begins, in which that is
    /// looked for: a long body may come first.
    pub http_chunks: usize,
    /// Bytes of a message that are looked at where it may be a heartbeat of the application; they are not kept.
    pub message_preview: usize,
    /// Pings waiting for their pong, per side.
    pub pings_waiting: usize,
    /// Bytes of TLS records of a connection without secrets after which, without a sign of a WebSocket, its
    /// records are no longer looked at.
    pub tls_undecided: u64,
    /// TLS secrets kept from key logs; beyond it those of the oldest sessions are let go.
    pub tls_secrets: usize,
    /// TLS secrets kept for one session; loggers that write wrong ones write few.
    pub tls_secrets_per_session: usize,
    /// Tries to open TLS records until one opens, which answers streams of records that never do.
    pub tls_tries: u64,
    /// Numbers that the first records of a TLS session without its start are tried with: what a
    /// connection with a message each minute reaches in a week.
    pub tls_search_numbers: u64,
    /// Secrets that all searches of a run may try with all those numbers; about a quarter of a minute
    /// of one core.
    pub tls_search_sessions: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            capture_buffer: 256 * 1024,
            capture_block: 16 * 1024 * 1024,
            capture_options: 1024 * 1024,
            capture_secrets: 16 * 1024 * 1024,
            capture_interfaces: 4096,
            decompression_window: 128 * 1024 * 1024,
            capture_link_types: 64,
            capture_warnings: 32,
            capture_listed: 64,
            capture_text: 1024,
            capture_names: 4 * 1024 * 1024,
            overlap_packets: 1_000_000,
            decode_nesting: 8,
            ip_fragments: 4 * 1024 * 1024,
            ip_fragment_trains: 1024,
            ip_fragment_pieces: 256,
            flows: 1_000_000,
            flows_reassembled: 65_536,
            out_of_order_bytes: 1024 * 1024,
            out_of_order_pieces: 256,
            out_of_order_total: 64 * 1024 * 1024,
            http_head: 64 * 1024,
            http2_table: 64 * 1024,
            http2_streams: 256,
            http2_records: 1024,
            early_data: 64 * 1024,
            resync_buffer: 64 * 1024,
            timeline_events: 256,
            timeline_total: 32_768,
            timeline_reported: 65_536,
            timeline_least: 16,
            connections_kept: 1_000,
            records_in_memory: 2 * 1024 * 1024,
            listed: 64,
            midstream_bytes: 4 * 1024,
            midstream_chunks: 64,
            http_chunks: 4096,
            message_preview: 256,
            pings_waiting: 64,
            tls_undecided: 256 * 1024,
            tls_secrets: 1_000_000,
            tls_secrets_per_session: 64,
            tls_tries: 65_536,
            tls_search_numbers: 10_000,
            tls_search_sessions: 50_000,
        }
    }
}
