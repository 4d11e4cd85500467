//! An HTML report as text: what it says, not how it looks.

/// The words of the page's main part, each element of text on a line of its own; pictures are told by their
/// titles and descriptions.
pub(crate) fn text(page: &str) -> String {
    let main = page.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap();
    let mut text = String::new();
    for part in main.split('<').skip(1) {
        let (tag, said) = part.split_once('>').unwrap();
        // Words that go on in the same line.
        let is_inside = ["span", "/span", "code", "/code", "small", "strong", "/strong", "a ", "/a"];
        if !is_inside.iter().any(|inside| tag == *inside || tag.starts_with(&format!("{} ", inside.trim()))) {
            text.push('\n');
        }
        text.push_str(said.trim_matches('\n'));
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    let lines = text.replace("&amp;", "&");
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}
