//! `cargo xtask shots`: pictures of every page, to be looked at. The tests of pages in the browser make them, with the shop
//! and the orders that they begin with.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{packages, process, test};

/// Where the pictures are, below the repository; git ignores it.
const FOLDER: &str = "shots";
/// Building included.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// Tests that make pictures: their program and their name.
const PHOTOGRAPHERS: [(&str, &str); 2] =
    [("dashboard", "pictures::pictures_of_every_page"), ("browser", "a_buyer_at_the_button_and_the_checkout")];

/// Makes them all anew.
pub fn run(root: &Path) -> Result<()> {
    packages::browser()?;
    let (folder, started) = (root.join(FOLDER), Instant::now());
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {FOLDER}/"))?;
    }
    fs::create_dir_all(&folder)?;
    for (program, name) in PHOTOGRAPHERS {
        let mut command = test::cargo(root);
        command.args(["test", "-p", "choba", "--locked", "--test", program, "--", "--exact", name]);
        command.env("CHOBA_TEST_PICTURES", &folder);
        process::run(&mut command, LIMIT.saturating_sub(started.elapsed()))?;
    }
    let pictures = fs::read_dir(&folder)?.count();
    if pictures == 0 {
        bail!("no picture was made");
    }
    println!("{pictures} pictures in {FOLDER}/, in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}
