//! Finds the words that public items show to the outside.

use proc_macro2::{Delimiter, Group, TokenTree};

use crate::paths::is_char;

/// A word of a public signature with the line it stands on.
pub(crate) struct Shown {
    pub(crate) word: String,
    pub(crate) line: usize,
}

/// The words that begin a path in every `pub` item but its body; `pub(crate)` and narrower do not count.
pub(crate) fn shown(tokens: &[TokenTree]) -> Vec<Shown> {
    let mut words = Vec::new();
    walk(tokens, &mut words);
    words
}

fn walk(tokens: &[TokenTree], words: &mut Vec<Shown>) {
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "pub" && !is_narrowed(tokens.get(at + 1)) => {
                signature(&tokens[at + 1..], words);
            }
            TokenTree::Group(group) => walk(&inside(group), words),
            _ => {}
        }
    }
}

fn is_narrowed(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

/// Takes the words of one item. The fields of a struct are items of their own; the variants of an
/// enum and the items of a trait are as public as itself.
fn signature(tokens: &[TokenTree], words: &mut Vec<Shown>) {
    let keyword = |name: &str| matches!(tokens.first(), Some(TokenTree::Ident(word)) if word == name);
    let (is_struct, opens_body) = (keyword("struct"), keyword("enum") || keyword("trait"));
    let is_field = matches!(tokens.get(1), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let mut angles = 0_i32;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Punct(punct) => match punct.as_char() {
                ';' | '=' => return,
                ',' if is_field && angles <= 0 => return,
                '<' => angles += 1,
                '>' => angles -= 1,
                _ => {}
            },
            TokenTree::Ident(word) if begins_path(tokens, at) => {
                words.push(Shown { word: word.to_string(), line: word.span().start().line });
            }
            TokenTree::Group(group) => {
                let is_body = group.delimiter() == Delimiter::Brace && !keyword("use");
                if !is_struct && (!is_body || opens_body) {
                    all(&inside(group), words);
                }
                if is_body {
                    return;
                }
            }
            _ => {}
        }
    }
}

fn all(tokens: &[TokenTree], words: &mut Vec<Shown>) {
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if begins_path(tokens, at) => {
                words.push(Shown { word: word.to_string(), line: word.span().start().line });
            }
            TokenTree::Group(group) if !is_attribute(tokens, at) => all(&inside(group), words),
            _ => {}
        }
    }
}

/// Whether a path begins at `at`: no `::` stands before.
fn begins_path(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |back| at.checked_sub(back).is_some_and(|at| is_char(tokens, at, ':'));
    !(colon(1) && colon(2))
}

/// Whether the group at `at` is the bracketed part of an attribute.
fn is_attribute(tokens: &[TokenTree], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    matches!(before, Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
}

fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}
