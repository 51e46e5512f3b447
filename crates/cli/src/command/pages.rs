//! `chasqui completions` and `chasqui man`: what shells and `man` need, written from the definition of the flags.
//!
//! Left out: installing either; where they go is the system's business, and the help says it.

use std::io;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::args::Arguments;
use crate::exit::{Exit, Failure};
use crate::output;

const COMPLETIONS_HELP: &str = "\
Examples:
  chasqui completions bash > ~/.local/share/bash-completion/completions/chasqui
  chasqui completions zsh > ~/.zfunc/_chasqui
  chasqui completions fish > ~/.config/fish/completions/chasqui.fish
  chasqui completions powershell >> $PROFILE";

const MAN_HELP: &str = "\
Examples:
  chasqui man > ~/.local/share/man/man1/chasqui.1
  chasqui man ruc | man -l -
  chasqui man cache absent > chasqui-cache-absent.1";

#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_HELP)]
pub(crate) struct CompletionsArguments {
    /// Which shell.
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = MAN_HELP)]
pub(crate) struct ManArguments {
    /// The command that the page is about; without one, the program.
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// Prints the completions of a shell.
pub(crate) fn completions(arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "chasqui", &mut text);
    output::data(text).map(|()| Exit::Done)
}

/// Prints a manual page.
pub(crate) fn man(arguments: &ManArguments) -> Result<Exit, Failure> {
    let mut program = Arguments::command();
    // Flags that every command takes reach the commands only once the whole is built.
    program.build();
    let mut command = &program;
    for name in &arguments.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("there is no command {name:?}")).advise("`chasqui --help` lists them")
        })?;
    }
    let title = command.get_bin_name().unwrap_or("chasqui").replace(' ', "-");
    let mut page = Vec::new();
    let rendered: io::Result<()> = Man::new(command.clone()).title(title).render(&mut page);
    rendered.map_err(|error| Failure::new(Exit::Unknown, "the page cannot be written").because(&error))?;
    output::data(page).map(|()| Exit::Done)
}
