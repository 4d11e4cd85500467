//! `whoclosed explain`, and the user's catalogue.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use whoclosed::catalogue::Catalogue;
use whoclosed::report::explain::explain;

use crate::run::{COLUMNS, Status, complain, is_broken_pipe};

/// Bytes of a user's catalogue; the built-in one has 140 kB.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What is to be explained.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A Close code (1006), a cause (`idle_timeout`), the id of a timer (nginx-proxy-read-timeout), of a
    /// heartbeat or of a wording, or a rule (R14)
    #[arg(value_name = "CODE|CAUSE|TIMER|RULE", required = true)]
    names: Vec<String>,

    /// Know the rows of this file too
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
}

impl Explain {
    /// Prints the explanations.
    pub(crate) fn run(&self) -> Status {
        match self.text().map(|text| io::stdout().lock().write_all(text.as_bytes()).map_err(Into::into)) {
            Err(error) => {
                complain(&error);
                Status::Usage
            }
            Ok(Err(error)) if !is_broken_pipe(&error) => {
                complain(&error);
                Status::Incomplete
            }
            Ok(_) => Status::Reported,
        }
    }

    fn text(&self) -> Result<String> {
        let own = self.catalogue.as_deref().map(catalogue).transpose()?;
        let all = own.as_ref().unwrap_or_else(|| Catalogue::built_in());
        let width = terminal_size::terminal_size().map_or(COLUMNS, |(width, _)| width.0.min(COLUMNS));
        let each =
            |name: &String| explain(all, name, usize::from(width)).map_err(|near| unknown(name, &near));
        let texts = self.names.iter().map(each).collect::<Result<Vec<String>>>()?;
        Ok(texts.join("\n"))
    }
}

fn unknown(name: &str, near: &[String]) -> anyhow::Error {
    if near.is_empty() {
        return anyhow!("there is no Close code, cause, timer or rule called {name:?}");
    }
    anyhow!("there is no Close code, cause, timer or rule called {name:?}; did you mean {}?", near.join(", "))
}

/// The catalogue that comes with the program, extended by a user's file.
pub(crate) fn catalogue(path: &Path) -> Result<Catalogue> {
    let size = fs::metadata(path).with_context(|| path.display().to_string())?.len();
    if size > LARGEST {
        bail!("{}: is too large for a catalogue", path.display());
    }
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Catalogue::built_in().extended(&text).with_context(|| path.display().to_string())
}
