//! The binary `choba`: see [`choba::cli`].

fn main() -> std::process::ExitCode {
    choba::cli::main()
}
