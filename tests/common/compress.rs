//! Bytes compressed in every way that is read.

use std::io::Write;

/// A way to compress.
pub(crate) struct Method {
    /// As the report names it.
    pub(crate) name: &'static str,
    /// Makes one stream.
    pub(crate) compress: fn(&[u8]) -> Vec<u8>,
}

/// Every way.
pub(crate) const METHODS: [Method; 5] = [
    Method {
        name: "gzip",
        compress: |bytes| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        },
    },
    Method {
        name: "zstd",
        compress: |bytes| {
            ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
        },
    },
    Method {
        name: "lz4",
        compress: |bytes| {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        },
    },
    Method {
        name: "bzip2",
        compress: |bytes| {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        },
    },
    Method {
        name: "xz",
        compress: |bytes| {
            let options = lzma_rust2::XzOptions::with_preset(0);
            let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        },
    },
];
