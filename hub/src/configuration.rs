//! `openpam-hub export` and `apply`: what admins keep (zones, targets, users, groups, grants) as one file, for a team that
//! keeps it in git. Credentials are no part of it, nor any other secret.
//!
//! A file is read and checked against the books, the difference is shown, and what was shown is done in one transaction or
//! not at all. What a file does not name is left alone, unless it is told to prune.

mod apply;
mod check;
mod compare;
mod file;
mod read;

use anyhow::{Context, ensure};

use self::check::Wanted;
use self::compare::Difference;
pub use self::file::MAX_BYTES;
use self::file::Text;
use self::read::Present;
use crate::books::Books;
use crate::config::Config;
use crate::store::configuration::{begin_alone, begin_to_read};

const NEVER_STARTED: &str = "reading the books, which this version of the hub must have been started on once";

/// What became of a file.
#[derive(Debug)]
pub enum Outcome {
    /// The books are as it says; and how much more they have.
    NoDifference(String),
    /// There is a difference, and it was only shown.
    Shown,
    /// Done, and this is to be said.
    Done(String),
}

/// The configuration as the text of a file.
///
/// # Errors
/// If the books cannot be read.
pub async fn export(config: &Config) -> anyhow::Result<String> {
    let books = Books::open(config).await?;
    let present = present(&books).await;
    books.close().await;
    present?.file.to_text()
}

/// How it is to be done.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// Only to look: not even the schema is brought up to date.
    pub dry_run: bool,
    /// What the text does not name is removed.
    pub prune: bool,
}

/// Makes the books as this text says, after `agree` has seen the difference and said yes.
///
/// # Errors
/// If the text is not right, names what is not there, or the books changed after the difference was shown: then nothing is
/// changed.
pub async fn apply(
    config: &Config,
    text: &str,
    how: How,
    agree: impl FnOnce(&str) -> anyhow::Result<bool>,
) -> anyhow::Result<Outcome> {
    let text = Text::parse(text)?;
    let books = Books::open(config).await?;
    let became = on(config, &books, text, how, agree).await;
    books.close().await;
    Ok(match became? {
        Became::Same(said) => Outcome::NoDifference(said),
        Became::Shown => Outcome::Shown,
        Became::Done(done) => Outcome::Done(done.say(config).await),
    })
}

/// As [`Outcome`], while the books are open.
enum Became {
    Same(String),
    Shown,
    Done(apply::Done),
}

async fn on(
    config: &Config,
    books: &Books,
    text: Text,
    how: How,
    agree: impl FnOnce(&str) -> anyhow::Result<bool>,
) -> anyhow::Result<Became> {
    let How { dry_run, prune } = how;
    if !dry_run {
        books.migrate().await?;
    }
    let present = present(books).await?;
    let wanted = Wanted::check(text, &present, prune)?;
    let shown = Difference::between(&present.file, &wanted.file, prune);
    let others = Difference::between(&present.file, &wanted.file, true).count().removed;
    let left_alone = others.saturating_sub(shown.count().removed);
    let mut said = shown.to_string();
    if left_alone > 0 {
        said += &format!("{left_alone} more in the books and not in the file: left alone without --prune\n");
    }
    if shown.is_empty() {
        return Ok(Became::Same(format!("{said}no difference\n")));
    }
    if !agree(&format!("{said}{}\n", shown.count()))? {
        return Ok(Became::Shown);
    }
    let mut tx = begin_alone(&books.pool).await.context("changing the books")?;
    let present = Present::read(&mut tx).await?;
    let still = wanted.again(&present, prune).map(|file| Difference::between(&present.file, &file, prune));
    ensure!(
        still.is_ok_and(|still| still == shown),
        "somebody changed the configuration after this was shown: nothing was changed; apply it again and look at it anew"
    );
    let done = apply::carry_out(config, &mut tx, present.ids, shown).await.context("nothing was changed")?;
    tx.commit().await.context("changing the books")?;
    Ok(Became::Done(done))
}

async fn present(books: &Books) -> anyhow::Result<Present> {
    let mut tx = begin_to_read(&books.pool).await.context("reading the books")?;
    Present::read(&mut tx).await.context(NEVER_STARTED)
}
