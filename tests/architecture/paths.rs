//! Finds the paths that a source file names, such as `crate::ws::Reader`.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// A path with the line it stands on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

/// The paths of a file whose module is `module` (`["tcp", "flow"]` for `src/tcp/flow.rs`).
///
/// `super`, `self` and names brought in by `use` are resolved, so that every path into the crate
/// begins with `crate`. Comments do not count, and neither does code for tests.
pub(crate) fn paths(tokens: TokenStream, module: &[String]) -> Vec<Path> {
    let mut scan = Scan { module: module.to_vec(), found: Vec::new(), names: BTreeMap::new() };
    scan.walk(&tokens.into_iter().collect::<Vec<_>>());
    let Scan { found, names, .. } = scan;
    found.into_iter().map(|path| resolve(path, &names)).collect()
}

/// Replaces a first segment that a `use` brought in by what it stands for.
fn resolve(path: Path, names: &BTreeMap<String, Vec<String>>) -> Path {
    let Some((first, rest)) = path.segments.split_first() else { return path };
    match names.get(first) {
        Some(full) if full.first() != Some(first) => {
            Path { segments: [full.as_slice(), rest].concat(), line: path.line }
        }
        _ => path,
    }
}

struct Scan {
    /// The module that the tokens stand in, inline ones included.
    module: Vec<String>,
    found: Vec<Path>,
    /// What `use` calls by a short name.
    names: BTreeMap<String, Vec<String>>,
}

impl Scan {
    fn walk(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at = match token {
                TokenTree::Ident(word) if word == "use" && !is_char(tokens, at + 1, '<') => {
                    self.use_tree(tokens, at + 1, &[])
                }
                TokenTree::Ident(word) if word == "mod" => self.inline_module(tokens, at + 1),
                TokenTree::Ident(word) => self.path(tokens, at, word),
                TokenTree::Group(group) => {
                    self.walk(&group.stream().into_iter().collect::<Vec<_>>());
                    at + 1
                }
                TokenTree::Punct(_) if is_for_tests(tokens, at) => after_item(tokens, at + 2),
                _ => at + 1,
            };
        }
    }

    /// A path in an expression or a type, from its first word on.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, first: &Ident) -> usize {
        let mut segments = vec![first.to_string()];
        while is_colons(tokens, at + 1)
            && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
        {
            segments.push(next.to_string());
            at += 3;
        }
        if segments.len() > 1 {
            self.keep(segments, first.span().start().line);
        }
        at + 1
    }

    /// A tree of `use`, one branch after another; `prefix` is what stands before its braces.
    fn use_tree(&mut self, tokens: &[TokenTree], mut at: usize, prefix: &[String]) -> usize {
        let mut segments = prefix.to_vec();
        let mut name = None;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Punct(end) if end.as_char() == ';' => break,
                TokenTree::Punct(comma) if comma.as_char() == ',' => {
                    self.used(&mut segments, name.take());
                    segments = prefix.to_vec();
                }
                TokenTree::Ident(word) if word == "as" => {
                    name = tokens.get(at + 1).map(|alias| (alias.to_string(), line(token)));
                    at += 1;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                TokenTree::Ident(_) | TokenTree::Punct(_) => {
                    segments.push(token.to_string());
                    name = Some((token.to_string(), line(token)));
                }
                TokenTree::Group(branches) => {
                    let branches: Vec<_> = branches.stream().into_iter().collect();
                    self.use_tree(&branches, 0, &segments);
                    name = None;
                }
                TokenTree::Literal(_) => {}
            }
            at += 1;
        }
        self.used(&mut segments, name);
        at + 1
    }

    /// Keeps what one branch of a `use` names, and the short name it gives to it.
    fn used(&mut self, segments: &mut Vec<String>, name: Option<(String, usize)>) {
        let Some((mut name, line)) = name else { return };
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
            name = segments.last().cloned().unwrap_or(name);
        }
        let full = self.keep(segments.clone(), line);
        self.names.insert(name, full);
    }

    fn inline_module(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
            (tokens.get(at), tokens.get(at + 1))
        else {
            return at + 1;
        };
        self.module.push(name.to_string());
        self.walk(&body.stream().into_iter().collect::<Vec<_>>());
        self.module.pop();
        at + 2
    }

    /// Keeps a path, made to begin with `crate` where it stays within the crate.
    fn keep(&mut self, mut segments: Vec<String>, line: usize) -> Vec<String> {
        let ups = segments.iter().take_while(|segment| *segment == "super").count();
        if ups > 0 || segments.first().is_some_and(|first| first == "self") {
            let rest = segments.split_off(ups.max(1));
            let kept = self.module.len().saturating_sub(ups);
            segments = [vec!["crate".to_owned()], self.module[..kept].to_vec(), rest].concat();
        }
        self.found.push(Path { segments: segments.clone(), line });
        segments
    }
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

/// Whether `::` stands at `at`.
fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    is_char(tokens, at, ':') && is_char(tokens, at + 1, ':')
}

/// Whether this character stands at `at`.
pub(crate) fn is_char(tokens: &[TokenTree], at: usize, char: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

/// Whether the attribute `#[cfg(test)]` stands at `at`.
pub(crate) fn is_for_tests(tokens: &[TokenTree], at: usize) -> bool {
    let (Some(TokenTree::Punct(hash)), Some(TokenTree::Group(group))) = (tokens.get(at), tokens.get(at + 1))
    else {
        return false;
    };
    hash.as_char() == '#' && group.to_string().replace(' ', "") == "[cfg(test)]"
}

/// The place behind the item that begins at `at`.
pub(crate) fn after_item(tokens: &[TokenTree], at: usize) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let length = tokens.get(at..).unwrap_or_default().iter().position(is_end);
    length.map_or(tokens.len(), |length| at + length + 1)
}
