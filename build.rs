//! Prepares the catalogue that comes with the program: its tables, which people write in TOML, become one
//! text in JSON. The program reads that at each start, in a tenth of the time.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde_json::{Map, Value};

/// The tables, in the order in which they are read.
const TABLES: [&str; 5] = ["timers", "heartbeats", "close_codes", "wordings", "marks"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut all = Map::new();
    for table in TABLES {
        let path = format!("src/catalogue/{table}.toml");
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let rows: Map<String, Value> = toml::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
        for (name, rows) in rows {
            if all.insert(name.clone(), rows).is_some() {
                return Err(format!("{path}: `{name}` stands in another table, too").into());
            }
        }
    }
    let folder = env::var_os("OUT_DIR").ok_or("cargo names no folder")?;
    fs::write(Path::new(&folder).join("catalogue.json"), serde_json::to_string(&all)?)?;
    Ok(())
}
