//! A page in Markdown, taken apart into its blocks of code and what is to be done with each.
//!
//! Left out: doing it, and everything of Markdown but fences.

/// A page and its blocks, in order.
pub(crate) struct Page {
    pub(crate) blocks: Vec<Block>,
}

/// A block of code.
#[derive(Debug)]
pub(crate) struct Block {
    /// Where its fence opens, from 1.
    pub(crate) line: usize,
    pub(crate) language: String,
    pub(crate) action: Action,
    /// It asks MIGO, whose part the sandbox plays.
    pub(crate) asks_migo: bool,
    pub(crate) text: String,
}

/// What is to be done with a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Runs to its end, which is this exit code.
    Run { exit: i32 },
    /// Runs until the page ends.
    Background,
    /// Is written to a file of this name.
    Write { name: String },
    /// Is what the block before printed.
    Output,
    /// Is tried elsewhere, as a documentation test.
    Doctest,
    /// Is left alone, because it shows something that is no code.
    Show,
    /// Is left alone although it could be run somewhere.
    Skip { reason: String },
}

/// Languages of blocks that are run.
const RUN: &[&str] = &["sh", "python", "js", "php"];
/// Languages of blocks that only show something.
const SHOWN: &[&str] = &["text", "diff", "markdown", "mermaid"];

/// How lines begin that somebody might type.
const COMMANDS: &[&str] = &["chasqui ", "cargo ", "curl ", "$ "];

// === impl Page ===

impl Page {
    /// Takes a text apart. What it cannot make sense of fails the test, with its place.
    #[track_caller]
    pub(crate) fn read(path: &str, text: &str) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        let mut open: Option<(usize, String, Vec<&str>)> = None;
        let mut just_ran = false;
        for (index, line) in text.lines().enumerate() {
            let place = format!("{path}:{}", index + 1);
            assert!(!line.trim_start().starts_with("~~~"), "{place}: a fence has three backticks");
            match (&mut open, line.strip_prefix("```")) {
                (None, Some(info)) => {
                    assert!(!info.starts_with('`'), "{place}: a fence has three backticks");
                    open = Some((index + 1, info.trim().to_owned(), Vec::new()));
                }
                (None, None) => {
                    assert!(
                        !line.trim_start().starts_with("```"),
                        "{place}: a fence starts at the beginning of a line"
                    );
                    just_ran &= line.trim().is_empty();
                }
                (Some(_), Some("")) => {
                    let (line, info, lines) = open.take().expect("it is open");
                    let block = Block::of(&format!("{path}:{line}"), line, &info, &lines);
                    assert!(
                        !(just_ran && block.language == "text" && block.action == Action::Show),
                        "{path}:{line}: what the block before prints is marked `text output`"
                    );
                    just_ran = matches!(block.action, Action::Run { .. });
                    blocks.push(block);
                }
                (Some((_, _, lines)), _) => lines.push(line),
            }
        }
        assert!(open.is_none(), "{path}: the last fence is not closed");
        Self { blocks }
    }
}

// === impl Block ===

impl Block {
    #[track_caller]
    fn of(place: &str, line: usize, info: &str, lines: &[&str]) -> Self {
        let mut words = words(info).into_iter();
        let language = words.next().unwrap_or_else(|| panic!("{place}: a block names its language"));
        let words: Vec<String> = words.collect();
        let value = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        let has = |name: &str| words.iter().any(|word| word == name);
        let is_run = RUN.contains(&language.as_str());
        let action = if let Some(reason) = value("skip") {
            Action::Skip { reason: reason.to_owned() }
        } else if let Some(name) = value("file") {
            Action::Write { name: name.to_owned() }
        } else if has("output") {
            Action::Output
        } else if language == "rust" {
            Action::Doctest
        } else if is_run && has("background") {
            Action::Background
        } else if is_run {
            let exit = value("exit").map_or(0, |code| code.parse().expect("an exit code is a number"));
            Action::Run { exit }
        } else {
            assert!(
                SHOWN.contains(&language.as_str()),
                "{place}: nothing is known of `{language}`; add file=NAME, output, or skip=\"why\""
            );
            let is_command = |line: &&&str| {
                COMMANDS.iter().any(|program| line.strip_prefix(program).is_some_and(|rest| !rest.starts_with("= ")))
            };
            let command = lines.iter().find(is_command);
            assert!(command.is_none(), "{place}: {command:?} looks like a command, which is marked `sh`");
            Action::Show
        };
        let text = lines.iter().flat_map(|line| [line, "\n"]).collect();
        Self { line, language, action, asks_migo: has("migo"), text }
    }
}

/// Words apart by spaces, of which those in quotes are one.
fn words(info: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in info.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            c => words.last_mut().expect("there is always one").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn what_could_be_run_does_not_hide_from_being_run() {
    for (text, words) in [
        ("~~~sh\nls\n~~~\n", "three backticks"),
        (" ```sh\nls\n ```\n", "beginning of a line"),
        ("````sh\nls\n````\n", "three backticks"),
        ("```text\nchasqui ruc 1\n```\n", "looks like a command"),
        ("```ruby\nputs 1\n```\n", "nothing is known of `ruby`"),
        ("```rust,ignore\nfn main() {}\n```\n", "nothing is known of"),
        ("```\nls\n```\n", "names its language"),
        ("```sh\nls\n", "not closed"),
        ("```sh\nls\n```\n\n```text\na\n```\n", "marked `text output`"),
    ] {
        let refused = std::panic::catch_unwind(|| Page::read("a.md", text)).err().expect(text);
        let why = refused.downcast_ref::<String>().expect("it says why");
        assert!(why.contains(words), "{text}: {why}");
    }
}

#[test]
fn a_fence_says_what_is_to_be_done() {
    let check = |info: &str, action: Action| {
        let page = Page::read("a.md", &format!("Text.\n\n```{info}\none\n```\n"));
        assert_eq!(page.blocks.len(), 1);
        assert_eq!(page.blocks[0].action, action, "{info}");
        assert_eq!((page.blocks[0].line, page.blocks[0].text.as_str()), (3, "one\n"));
    };
    check("sh", Action::Run { exit: 0 });
    check("sh exit=3", Action::Run { exit: 3 });
    check("sh background", Action::Background);
    check("sh skip=\"needs root\"", Action::Skip { reason: "needs root".to_owned() });
    check("csv file=a.csv", Action::Write { name: "a.csv".to_owned() });
    check("json output", Action::Output);
    check("rust", Action::Doctest);
    check("diff", Action::Show);
}
