//! What was typed, carried out.

use std::fs;
use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use anyhow::{Error, Result, anyhow, bail};
use whoclosed::catalogue::Catalogue;
use whoclosed::report::escape::escape;
use whoclosed::report::evidence::Plan;
use whoclosed::report::html::{self, HtmlOptions};
use whoclosed::report::markdown::{self, MarkdownOptions};
use whoclosed::report::redact::Redactor;
use whoclosed::report::terminal::{self, TerminalOptions};
use whoclosed::report::view::Connection;
use whoclosed::report::{View, evidence, json, ndjson, openmetrics, spreadsheet};

use crate::args::{Args, Color, Format};
use crate::evidence::{Proof, Source};
use crate::explain;
use crate::files::Files;
use crate::follow;
use crate::input::{self, Input};
use crate::keys;
use crate::output::{Existing, Output};
use crate::progress::Progress;

/// Columns where neither the user nor a terminal says how many.
pub(crate) const COLUMNS: u16 = 100;

/// Characters shown of one error.
const LONGEST_ERROR: usize = 2000;

/// How the program ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    /// The report was written.
    Reported,
    /// Something could not be read or written.
    Incomplete,
    /// The command line asks for what cannot be.
    Usage,
    /// A connection matched `--fail-on`.
    Matched,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Reported => 0,
            Status::Incomplete => 1,
            Status::Usage => 2,
            Status::Matched => 3,
        })
    }
}

/// Reads the captures and writes the report.
pub(crate) fn run(mut args: Args) -> Status {
    let quiet = args.quiet;
    let complain = |error: &Error| {
        if !quiet {
            complain(error);
        }
    };
    let found = Files::find(&args.files);
    args.files = found.paths;
    let named = if args.keylog_env {
        keys::named_by_environment().map(|path| args.keylog.push(path))
    } else {
        Ok(())
    };
    let args = &args;
    let all_found = found.errors.is_empty();
    found.errors.iter().chain(&found.notes).for_each(complain);
    if let Err(error) = named.and_then(|()| check(args)) {
        complain(&error);
        return Status::Usage;
    }
    let redactor = match args.sharing.redactor() {
        Ok(redactor) => redactor,
        Err(error) => {
            complain(&error);
            return Status::Incomplete;
        }
    };
    let output = match Output::open(args.output.as_deref(), Existing::forced(args.force)) {
        Ok(output) => output,
        Err(error) => {
            complain(&error);
            return Status::Incomplete;
        }
    };

    let catalogue = match args.catalogue.as_deref().map(explain::catalogue).transpose() {
        Ok(catalogue) => catalogue,
        Err(error) => {
            complain(&error);
            return Status::Usage;
        }
    };
    let mut told = Told { redactor, ..Told::default() };
    let input = match read(args, catalogue.as_ref(), &output, &mut told, &complain) {
        Ok(input) => input,
        Err(status) => return status,
    };
    let Input { mut view, errors, warnings } = input;
    errors.iter().chain(&warnings).for_each(complain);
    if view.captures.is_empty() {
        return Status::Incomplete;
    }
    let inputs: Vec<PathBuf> = view.captures.iter().map(|capture| PathBuf::from(&capture.path)).collect();
    let place = args.sharing.evidence.write_evidence.as_deref();
    let found = place.map(|_| evidence::find(&view));
    let mut redactor = told.redactor.take();
    if let Some(redactor) = &mut redactor {
        redactor.view(&mut view);
    }
    let plan = found.map(|found| Plan::new(&found, &view, args.connection));
    if let Err(error) = choose(args.connection, &mut view) {
        complain(&error);
        return Status::Usage;
    }

    let written = report(args, &view, &told, output);
    let unwritten = written.err().filter(|error| !is_broken_pipe(error));
    unwritten.iter().for_each(complain);
    let proved = place.zip(plan.as_ref()).is_none_or(|(place, plan)| {
        prove(args, &Source { place, inputs: &inputs, plan, view: &view }, redactor, &complain)
    });
    let complete = all_found && errors.is_empty() && unwritten.is_none() && proved;
    let status = status(args, &view, &told, complete);
    let lost = view.connections.failure().map(|why| anyhow!("connections are missing in the report: {why}"));
    lost.iter().for_each(complain);
    // The program ends: to give its memory back piece by piece takes time for nothing.
    mem::forget(view);
    if lost.is_some() && status == Status::Reported { Status::Incomplete } else { status }
}

/// Reads the captures; with `--follow`, tells each connection meanwhile.
fn read(
    args: &Args,
    catalogue: Option<&Catalogue>,
    output: &Output,
    told: &mut Told,
    complain: &dyn Fn(&Error),
) -> Result<Input, Status> {
    if !args.follow {
        let progress = Progress::new(&args.files, !args.quiet && !args.no_progress);
        let input = input::analyze(args, catalogue, &progress);
        progress.clear();
        return Ok(input);
    }
    let (input, untold, failed) = follow::analyze(args, catalogue, &mut |each| told.tell(args, output, each));
    told.untold = untold;
    let Some(error) = failed else { return Ok(input) };
    // Whoever read the verdicts has gone, or there is no more room for them.
    let has_gone = is_broken_pipe(&error);
    if !has_gone {
        complain(&error);
    }
    Err(status(args, &input.view, told, has_gone))
}

/// What was told while the captures were read.
#[derive(Default)]
struct Told {
    /// The numbers of the connections in the report that were not told.
    untold: Vec<u32>,
    /// One of them matched `--fail-on`.
    matched: bool,
    /// Makes names and addresses unrecognisable before anything is told.
    redactor: Option<Redactor>,
}

impl Told {
    /// Tells a connection that has just ended.
    fn tell(&mut self, args: &Args, output: &Output, each: &Connection) -> Result<()> {
        self.matched |= matches(args, each);
        if args.connection.is_some_and(|id| id != each.id) {
            return Ok(());
        }
        let mut each = each.clone();
        if let Some(redactor) = &mut self.redactor {
            redactor.connection(&mut each);
        }
        let mut text = Vec::new();
        match args.format {
            Format::Ndjson => ndjson::write_connection(&each, &mut text)?,
            Format::Text => terminal::write_one(&each, args.files.len(), &look(args, output), &mut text)?,
            _ => return Ok(()),
        }
        follow::print(&text)
    }
}

/// Writes the evidence; `false` where that failed.
fn prove(args: &Args, source: &Source<'_>, redactor: Option<Redactor>, complain: &dyn Fn(&Error)) -> bool {
    match Proof::new(args, source, redactor).and_then(Proof::write) {
        Ok(doubts) => {
            doubts.iter().for_each(complain);
            true
        }
        Err(error) => {
            complain(&error);
            false
        }
    }
}

/// What the command line alone can get wrong.
fn check(args: &Args) -> Result<()> {
    let inputs = args.files.iter().chain(&args.keylog);
    let stdin = inputs.filter(|path| path.as_path() == Path::new("-")).count();
    if stdin > 0 && args.sharing.evidence.write_evidence.is_some() {
        bail!("--write-evidence reads the captures twice: save standard input to a file first");
    }
    if stdin > 1 {
        bail!("standard input (-) can be read only once");
    }
    if args.markdown.is_set() && args.format != Format::Markdown {
        bail!("--markdown-flavor and --max-size are for --format markdown");
    }
    if let Some(output) = &args.output {
        let same = |path: &PathBuf| fs::canonicalize(path).is_ok_and(|input| is_at(output, &input));
        if args.files.iter().any(same) {
            bail!("{}: is a capture to read; the report would overwrite it", output.display());
        }
        if args.keylog.iter().any(same) {
            bail!("{}: is a key log to read; the report would overwrite it", output.display());
        }
    }
    Ok(())
}

/// True where `output` is the regular file `input`.
fn is_at(output: &Path, input: &Path) -> bool {
    input.is_file() && fs::canonicalize(output).is_ok_and(|output| output == input)
}

/// Leaves only the connection that was asked for.
fn choose(connection: Option<u32>, view: &mut View) -> Result<()> {
    let Some(id) = connection else {
        return Ok(());
    };
    let all = view.connections.len();
    match (view.keep_only(id), all) {
        (true, _) => Ok(()),
        (_, 0) => bail!("there is no connection {id}: no WebSocket was found"),
        (_, all) => bail!("there is no connection {id}: they are numbered 1 to {all}"),
    }
}

fn report(args: &Args, view: &View, told: &Told, output: Output) -> Result<()> {
    match args.format {
        Format::Json => output.write(|out| json::write(view, out)),
        // What standard output has already is not written again.
        Format::Ndjson if args.follow && output.is_stdout() => output.write(|out| {
            let rest = told.untold.iter().filter_map(|&id| view.connections.with_id(id));
            rest.into_iter().try_for_each(|each| ndjson::write_connection(&each, out))?;
            ndjson::write_rest(view, out)
        }),
        Format::Ndjson => output.write(|out| ndjson::write(view, out)),
        Format::Html => {
            let options = HtmlOptions { time: args.time.into(), limit: args.limit };
            output.write(|out| html::write(view, &options, out))
        }
        Format::Markdown => output.write(|out| markdown::write(view, &ticket(args), out)),
        Format::Csv => output.write(|out| spreadsheet::write(view, out)),
        Format::Openmetrics => output.write(|out| openmetrics::write(view, out)),
        Format::Text => {
            let options = look(args, &output);
            output.write(|out| terminal::write(view, &options, out))
        }
    }
}

/// How the Markdown report looks.
fn ticket(args: &Args) -> MarkdownOptions {
    MarkdownOptions {
        flavor: args.markdown.flavor(),
        max_size: args.markdown.size(),
        time: args.time.into(),
        connection: args.connection,
        limit: args.limit,
    }
}

/// How the text report looks.
fn look(args: &Args, output: &Output) -> TerminalOptions {
    TerminalOptions {
        width: width(args, output),
        time: args.time.into(),
        color: color(args, output),
        connection: args.connection,
        limit: args.limit,
    }
}

fn width(args: &Args, output: &Output) -> u16 {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|&columns: &u16| columns > 0);
    let terminal = || {
        let (width, _) = terminal_size::terminal_size_of(io::stdout()).filter(|_| output.is_stdout())?;
        Some(width.0)
    };
    args.width.or_else(columns).or_else(terminal).unwrap_or(COLUMNS)
}

fn color(args: &Args, output: &Output) -> bool {
    match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => output.is_stdout() && AutoStream::choice(&io::stdout()) != ColorChoice::Never,
    }
}

/// Whether a connection is one to exit with 3 for.
fn matches(args: &Args, each: &Connection) -> bool {
    let (party, cause) = (each.verdict.party, each.verdict.cause);
    args.fail_on.iter().any(|trigger| trigger.matches(party, cause, &each.close_frames))
}

fn status(args: &Args, view: &View, told: &Told, complete: bool) -> Status {
    let is_asked = !args.fail_on.is_empty();
    if told.matched || is_asked && view.connections.each().any(|each| matches(args, &each)) {
        Status::Matched
    } else if complete {
        Status::Reported
    } else {
        Status::Incomplete
    }
}

/// One line on standard error; names of files may hold anything, so it is escaped.
pub(crate) fn complain(error: &Error) {
    let text = escape(&format!("{error:#}"), LONGEST_ERROR);
    let _ = writeln!(io::stderr().lock(), "whoclosed: {text}");
}

/// The reader went away, as `head` does: that is his right.
pub(crate) fn is_broken_pipe(error: &Error) -> bool {
    let broken = |io: &io::Error| io.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(broken))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;
    use clap::Parser;

    fn args(arguments: &[&str]) -> Args {
        Args::try_parse_from([&["whoclosed"], arguments, &["a.pcap"]].concat()).unwrap()
    }

    #[test]
    fn a_broken_pipe_is_found_under_any_context() {
        let failed =
            |kind: io::ErrorKind| Err::<(), _>(io::Error::from(kind)).context("standard output").unwrap_err();
        assert!(is_broken_pipe(&failed(io::ErrorKind::BrokenPipe)));
        assert!(!is_broken_pipe(&failed(io::ErrorKind::StorageFull)));
    }

    #[test]
    fn a_connection_that_is_not_there_is_an_error() {
        assert!(choose(None, &mut View::default()).is_ok());
        let error = choose(Some(3), &mut View::default()).unwrap_err();
        assert_eq!(error.to_string(), "there is no connection 3: no WebSocket was found");
    }

    #[test]
    fn what_could_not_be_read_or_written_shows_in_the_status() {
        let args = args(&["--fail-on", "server"]);
        assert_eq!(status(&args, &View::default(), &Told::default(), true), Status::Reported);
        assert_eq!(status(&args, &View::default(), &Told::default(), false), Status::Incomplete);
    }

    #[test]
    fn width_and_colour_follow_the_command_line() {
        let stdout = Output::stdout();
        assert_eq!(width(&args(&["--width", "72"]), &stdout), 72);
        assert!(color(&args(&["--color", "always"]), &stdout));
        assert!(!color(&args(&["--color", "never"]), &stdout));
    }
}
