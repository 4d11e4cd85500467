//! The JSON Schema of the report, from the types that it is made of.

use std::io::{self, Write};

use schemars::generate::SchemaSettings;

use super::View;
use super::view::SCHEMA;

/// Writes the schema (JSON Schema 2020-12) of what [`json`](super::json) writes.
///
/// It allows fields that it does not name: later versions add some.
pub fn write(out: &mut dyn Write) -> io::Result<()> {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<View>();
    schema.insert("$id".to_owned(), format!("urn:{}", SCHEMA.replace('/', ":")).into());
    schema.insert("title".to_owned(), SCHEMA.into());
    serde_json::to_writer_pretty(&mut *out, &schema)?;
    out.write_all(b"\n")
}
