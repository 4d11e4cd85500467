//! PLAIN → UPGRADE: HTTP/1.1 requests and answers up to the upgrade.
