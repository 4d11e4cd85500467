//! PLAIN → FRAMES: WebSocket framing (RFC 6455).
