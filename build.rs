//! Prepares the catalogue that comes with the program: its tables, which people write in TOML, become Rust, so that
//! no start of the program has to read them.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use toml::{Table, Value};

/// What a field of a row holds.
enum Shape {
    Text,
    /// A whole number.
    Count,
    Float,
    /// Yes or no, or this where the row does not say it.
    Flag(bool),
    /// Seconds, as the nanoseconds of a span.
    Span,
    /// A text that this constructor prepares.
    Prepared(&'static str),
    /// A variant of this enum, which people write in lower case.
    Variant(&'static str),
    /// None of them where the row lacks it.
    Several(&'static Self),
    Optional(&'static Self),
}

use Shape::{Count, Flag, Float, Optional, Prepared, Several, Text, Variant};

const PATTERN: Shape = Prepared("Pattern::new");

/// A table of the catalogue.
struct Known {
    /// Its file, and that of its rows' type.
    file: &'static str,
    /// What its rows are called.
    row: &'static str,
    /// The type of a row.
    is: &'static str,
    /// The fields of that type.
    fields: &'static [(&'static str, Shape)],
}

const TIMERS: Known = Known {
    file: "timers",
    row: "timer",
    is: "Timer",
    fields: &[
        ("id", Text),
        ("product", Text),
        ("setting", Text),
        ("kind", Variant("TimerKind")),
        ("stands", Variant("Stands")),
        ("seconds", Optional(&Shape::Span)),
        ("also_seconds", Several(&Shape::Span)),
        ("ping_every", Optional(&Shape::Span)),
        ("pong_within", Optional(&Shape::Span)),
        ("early", Optional(&Shape::Span)),
        ("late", Optional(&Shape::Span)),
        ("reset_by", Variant("ResetBy")),
        ("ends_with", Several(&Variant("Ending"))),
        ("close_code", Optional(&Count)),
        ("close_reason", Optional(&Text)),
        ("family", Optional(&Text)),
        ("fix", Text),
        ("note", Optional(&Text)),
        ("sources", Several(&Text)),
        ("confidence", Variant("Grounds")),
        ("wire_confidence", Optional(&Variant("Grounds"))),
    ],
};

const HEARTBEATS: Known = Known {
    file: "heartbeats",
    row: "heartbeat",
    is: "KnownHeartbeat",
    fields: &[
        ("id", Text),
        ("name", Text),
        ("kind", Optional(&Text)),
        ("frame", Text),
        ("pattern", Optional(&PATTERN)),
        ("bytes", Optional(&Text)),
        ("from", Text),
        ("reply", Optional(&PATTERN)),
        ("every", Optional(&Float)),
        ("within", Optional(&Float)),
        ("note", Optional(&Text)),
        ("sources", Several(&Text)),
        ("confidence", Variant("Grounds")),
    ],
};

const CLOSE_CODES: Known = Known {
    file: "close_codes",
    row: "close_code",
    is: "KnownCode",
    fields: &[
        ("code", Count),
        ("to", Optional(&Count)),
        ("name", Text),
        ("product", Optional(&Text)),
        ("meaning", Text),
        ("cause", Variant("CloseMeaning")),
        ("usually", Optional(&Text)),
        ("fix", Optional(&Text)),
        ("known_by", Several(&Text)),
        ("sent_by", Text),
        ("on_wire", Flag(true)),
        ("retry", Optional(&Flag(false))),
        ("sources", Several(&Text)),
        ("confidence", Variant("Grounds")),
    ],
};

const WORDINGS: Known = Known {
    file: "wordings",
    row: "wording",
    is: "Wording",
    fields: &[
        ("id", Text),
        ("pattern", PATTERN),
        ("codes", Several(&Count)),
        ("product", Text),
        ("meaning", Text),
        ("cause", Variant("CloseMeaning")),
        ("sent_by", Optional(&Text)),
        ("timer", Optional(&Text)),
        ("sources", Several(&Text)),
        ("confidence", Variant("Grounds")),
    ],
};

const MARKS: Known = Known {
    file: "marks",
    row: "mark",
    is: "Mark",
    fields: &[
        ("header", Prepared("Part::new")),
        ("product", Text),
        ("families", Several(&Text)),
        ("between", Flag(false)),
        ("writes_close", Flag(false)),
        ("sources", Several(&Text)),
        ("confidence", Variant("Grounds")),
    ],
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = env::var_os("OUT_DIR").ok_or("cargo names no folder")?;
    for table in [TIMERS, HEARTBEATS, CLOSE_CODES, WORDINGS, MARKS] {
        let path = format!("src/catalogue/{}.toml", table.file);
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let rows = table.rows(&text).map_err(|error| format!("{path}: {error}"))?;
        fs::write(Path::new(&folder).join(table.file).with_extension("rs"), rows)?;
    }
    Ok(())
}

impl Known {
    /// Its rows as an array in Rust.
    fn rows(&self, text: &str) -> Result<String, Box<dyn Error>> {
        let mut table: Table = toml::from_str(text)?;
        let Some(Value::Array(rows)) = table.remove(self.row) else {
            return Err(format!("there is no `{}`", self.row).into());
        };
        if let Some(name) = table.keys().next() {
            return Err(format!("`{name}` does not belong here").into());
        }
        let rows = rows.into_iter().enumerate().map(|(index, row)| {
            let Value::Table(row) = row else { return Err(format!("`{}` is no table", self.row)) };
            self.row(row).map_err(|error| format!("row {} {error}", index + 1))
        });
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Ok(format!("pub(super) static BUILT_IN: [{}; {}] = [\n{}];\n", self.is, rows.len(), rows.concat()))
    }

    /// One of them as an expression in Rust.
    fn row(&self, mut row: Table) -> Result<String, String> {
        let mut fields = String::new();
        for (name, shape) in self.fields {
            let value = row.remove(*name);
            let value = shape.written(value.as_ref()).ok_or_else(|| format!("needs another `{name}`"))?;
            fields += &format!("{name}: {value}, ");
        }
        match row.keys().next() {
            Some(name) => Err(format!("has `{name}`, which is not known")),
            None => Ok(format!("{} {{ {fields}}},\n", self.is)),
        }
    }
}

impl Shape {
    /// A value in Rust; `None` where it has another shape.
    fn written(&self, value: Option<&Value>) -> Option<String> {
        Some(match (self, value) {
            (Self::Flag(usual), None) => usual.to_string(),
            (Self::Several(_), None) => "Cow::Borrowed(&[])".to_owned(),
            (Self::Optional(_), None) => "None".to_owned(),
            (_, None) => return None,
            (Self::Text, Some(value)) => format!("Cow::Borrowed({:?})", value.as_str()?),
            (Self::Count, Some(value)) => value.as_integer()?.to_string(),
            (Self::Float, Some(value)) => format!("{:?}", float(value)?),
            (Self::Flag(_), Some(value)) => value.as_bool()?.to_string(),
            (Self::Span, Some(value)) => {
                format!("Span::from_nanos({})", (float(value)? * 1e9).round() as i64)
            }
            (Self::Prepared(by), Some(value)) => format!("{by}({:?})", value.as_str()?),
            (Self::Variant(of), Some(value)) => format!("{of}::{}", variant(value.as_str()?)),
            (Self::Several(shape), Some(value)) => {
                let several = value.as_array()?.iter().map(|value| shape.written(Some(value)));
                format!("Cow::Borrowed(&[{}])", several.collect::<Option<Vec<_>>>()?.join(", "))
            }
            (Self::Optional(shape), value) => format!("Some({})", shape.written(value)?),
        })
    }
}

/// A number with or without a fraction.
fn float(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

/// The name of a variant, which is written as `half_close`: `HalfClose`.
fn variant(name: &str) -> String {
    let word = |word: &str| {
        word.chars()
            .take(1)
            .map(|first| first.to_ascii_uppercase())
            .chain(word.chars().skip(1))
            .collect::<String>()
    };
    name.split('_').map(word).collect()
}
