//! The source files of the crate, each with the room it stands in.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

use crate::paths;

/// A source file.
pub(crate) struct Source {
    /// Its path from the root of the repository.
    pub(crate) name: String,
    /// Its module: `["tcp", "flow"]` for `src/tcp/flow.rs`.
    pub(crate) module: Vec<String>,
    pub(crate) tokens: TokenStream,
}

impl Source {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let tokens = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name: name.to_owned(), module: module(name), tokens }
    }

    /// The first folder or file below `src`; the program's files are the room `bin`.
    pub(crate) fn room(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }

    /// The modules below this file that exist only for tests.
    fn test_modules(&self) -> Vec<Vec<String>> {
        let tokens: Vec<_> = self.tokens.clone().into_iter().collect();
        let name = |at: usize| match (tokens.get(at + 2), tokens.get(at + 3)) {
            (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(name))) if word == "mod" => Some(name),
            _ => None,
        };
        let declared = (0..tokens.len()).filter(|&at| paths::is_for_tests(&tokens, at)).filter_map(name);
        declared.map(|name| [self.module.as_slice(), &[name.to_string()]].concat()).collect()
    }
}

/// All files below `src` but those that exist only for tests.
pub(crate) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    let read = |file: &PathBuf| {
        let name = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        Source::new(&name, &fs::read_to_string(file).unwrap())
    };
    let mut sources: Vec<_> = files.iter().map(read).collect();
    let tests: Vec<_> = sources.iter().flat_map(Source::test_modules).collect();
    sources.retain(|source| !tests.iter().any(|test| source.module.starts_with(test)));
    sources
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn module(name: &str) -> Vec<String> {
    let inner = name.trim_start_matches("src/").trim_end_matches(".rs");
    let parts = inner.split('/').map(str::to_owned);
    parts.filter(|part| !["mod", "lib", "main"].contains(&part.as_str())).collect()
}
