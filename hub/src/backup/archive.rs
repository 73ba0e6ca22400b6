//! The archives: tar (POSIX.1-1988 ustar with GNU long names), files first, the manifest last. One without a manifest
//! was cut off.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail, ensure};
use aws_lc_rs::digest::{self, SHA256};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use tar::{Archive, Builder, EntryType, Header};
use uuid::Uuid;

use crate::time::Time;

/// The archives' own version.
pub(super) const FORMAT: u32 = 1;
/// The database, as pg_dump writes it.
pub(super) const DUMP: &str = "books.dump";
/// The recordings' objects are below this, by their names. Beside the database there is nothing else.
pub(super) const RECORDINGS: &str = "recordings/";
const MANIFEST: &str = "manifest.json";
const MAX_MANIFEST: u64 = 64 * 1024;

/// What an archive says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    /// Which of the two it is.
    pub(super) content: Content,
    /// The program that took it.
    pub(super) version: String,
    /// The same in both archives.
    pub(super) installation: Uuid,
    /// The same in both archives.
    pub(super) taken_at: String,
    /// Files before the manifest.
    pub(super) files: u64,
    /// Their bytes.
    pub(super) bytes: u64,
    /// Over each file's name, a zero, its length in eight bytes, big-endian, and its bytes; then over this manifest
    /// with nothing here.
    pub(super) sha256: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Content {
    Books,
    Secrets,
}

impl Manifest {
    pub(super) fn taken_at(&self) -> anyhow::Result<Time> {
        let at = self.taken_at.parse::<jiff::Timestamp>().context("the manifest's time")?;
        Ok(at.into())
    }
}

/// What is counted of the files.
struct Tally {
    files: u64,
    bytes: u64,
    hash: digest::Context,
}

impl Tally {
    fn new() -> Self {
        Self { files: 0, bytes: 0, hash: digest::Context::new(&SHA256) }
    }

    fn begin(&mut self, name: &str, length: u64) {
        self.files += 1;
        self.bytes += length;
        self.hash.update(name.as_bytes());
        self.hash.update(&[0]);
        self.hash.update(&length.to_be_bytes());
    }

    fn sha256(mut self, manifest: &Manifest) -> anyhow::Result<String> {
        let open = Manifest { sha256: String::new(), ..manifest.clone() };
        self.hash.update(&serde_json::to_vec(&open)?);
        Ok(HEXLOWER.encode(self.hash.finish().as_ref()))
    }
}

/// A file that is of no use afterwards, and its owner's alone meanwhile.
pub(super) struct Passing {
    pub(super) path: PathBuf,
}

impl Passing {
    /// Beside `place`, with this behind its whole name.
    pub(super) fn beside(place: &Path, behind: &str) -> anyhow::Result<Self> {
        let mut path = place.as_os_str().to_owned();
        path.push(behind);
        let path = PathBuf::from(path);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.with_context(|| path.display().to_string())?;
        Ok(Self { path })
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Reads through, and counts what passes.
struct Counted<'a, R> {
    from: R,
    tally: &'a mut Tally,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.tally.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// An archive that is being written, beside its place; it takes the place when it is whole.
pub(super) struct Writer {
    path: PathBuf,
    /// Until it takes the place; gone with this, if it never does.
    part: Passing,
    tar: Builder<BufWriter<File>>,
    tally: Tally,
}

impl Writer {
    /// Its owner's alone. Never replaces a file.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        ensure!(!path.exists(), "{} is there already: choose another name", path.display());
        let part = Passing::beside(path, ".part")?;
        let file = OpenOptions::new().write(true).open(&part.path);
        let file = file.with_context(|| part.path.display().to_string())?;
        Ok(Self { path: path.to_owned(), part, tar: Builder::new(BufWriter::new(file)), tally: Tally::new() })
    }

    /// Adds a file as it is now.
    pub(super) fn add(&mut self, name: &str, from: &Path) -> anyhow::Result<()> {
        let mut add = || -> io::Result<()> {
            let file = File::open(from)?;
            let length = file.metadata()?.len();
            self.append(name, length, BufReader::new(file).take(length))
        };
        add().with_context(|| from.display().to_string())
    }

    /// Adds these bytes as a file.
    pub(super) fn add_bytes(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        self.append(name, bytes.len() as u64, bytes).with_context(|| name.to_owned())
    }

    fn append(&mut self, name: &str, length: u64, from: impl Read) -> io::Result<()> {
        self.tally.begin(name, length);
        let mut content = Counted { from, tally: &mut self.tally };
        self.tar.append_data(&mut header(length), name, &mut content)
    }

    /// Adds the manifest, makes everything durable and puts the archive in its place.
    pub(super) fn finish(
        mut self,
        content: Content,
        installation: Uuid,
        taken_at: Time,
    ) -> anyhow::Result<Manifest> {
        let mut manifest = Manifest {
            format: FORMAT,
            content,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            installation,
            taken_at: taken_at.to_string(),
            files: self.tally.files,
            bytes: self.tally.bytes,
            sha256: String::new(),
        };
        manifest.sha256 = self.tally.sha256(&manifest)?;
        let text = serde_json::to_vec_pretty(&manifest)?;
        let finish = || -> io::Result<()> {
            self.tar.append_data(&mut header(text.len() as u64), MANIFEST, text.as_slice())?;
            let mut out = self.tar.into_inner()?;
            out.flush()?;
            out.get_ref().sync_all()?;
            fs::rename(&self.part.path, &self.path)?;
            let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        finish().with_context(|| self.path.display().to_string())?;
        Ok(manifest)
    }
}

fn header(length: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_size(length);
    header.set_mode(0o600);
    header.set_entry_type(EntryType::Regular);
    header
}

/// Reads an archive to its end and checks that it is whole, and what it should be. Writes nothing.
pub(super) fn check(path: &Path, content: Content) -> anyhow::Result<Manifest> {
    let mut tally = Tally::new();
    let mut manifest = None;
    each(path, |name, length, from| {
        if name == MANIFEST {
            ensure!(length <= MAX_MANIFEST, "its manifest is too long");
            manifest =
                Some(serde_json::from_reader::<_, Manifest>(from).context("its manifest cannot be read")?);
            return Ok(());
        }
        tally.begin(name, length);
        io::copy(&mut Counted { from, tally: &mut tally }, &mut io::sink())?;
        Ok(())
    })?;
    let Some(manifest) = manifest else { bail!("{} was cut off: it has no manifest", path.display()) };
    ensure!(
        manifest.format == FORMAT,
        "{} was made by another version: format {}",
        path.display(),
        manifest.format
    );
    ensure!(
        manifest.content == content,
        "{} holds {:?}, not {content:?}: the two archives may be swapped",
        path.display(),
        manifest.content
    );
    let same = (manifest.files, manifest.bytes) == (tally.files, tally.bytes)
        && manifest.sha256 == tally.sha256(&manifest)?;
    ensure!(same, "{} is damaged: its files are not those of its manifest", path.display());
    Ok(manifest)
}

/// Writes the archive's files to where `place` says: folders and files that are their owner's alone, made durable.
pub(super) fn extract(path: &Path, place: impl Fn(&str) -> Option<PathBuf>) -> anyhow::Result<()> {
    each(path, |name, _, from| {
        let Some(to) = place(name) else { return Ok(()) };
        if let Some(folder) = to.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&to)?;
        io::copy(from, &mut file)?;
        file.sync_all()?;
        Ok(())
    })
}

/// Calls for each file with its name, a relative path that leads nowhere else, and its length.
pub(super) fn each(
    path: &Path,
    mut call: impl FnMut(&str, u64, &mut dyn Read) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut archive = Archive::new(BufReader::new(file));
    let damaged = || format!("{} is damaged or no archive of a backup", path.display());
    for entry in archive.entries().with_context(damaged)? {
        let mut entry = entry.with_context(damaged)?;
        ensure!(entry.header().entry_type() == EntryType::Regular, damaged());
        let name = entry.path().with_context(damaged)?.into_owned();
        ensure!(name.components().all(|part| matches!(part, Component::Normal(_))), damaged());
        let name = name.to_str().with_context(damaged)?;
        let length = entry.size();
        call(name, length, &mut entry).with_context(|| format!("{}: {name}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path) -> PathBuf {
        let (path, file) = (folder.join("archive.tar"), folder.join("file"));
        fs::write(&file, vec![7; 3000]).expect("writes");
        let mut writer = Writer::create(&path).expect("begins");
        writer.add("a/b", &file).expect("adds");
        writer.add_bytes(&"l".repeat(180), &[7; 3000]).expect("adds");
        writer.finish(Content::Books, Uuid::nil(), Time::from_ms(0)).expect("finishes");
        path
    }

    #[test]
    fn what_was_written_is_checked_and_comes_out_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path());
        assert!(Writer::create(&path).is_err(), "it is not replaced");
        let mut given_up = Writer::create(&folder.path().join("given-up.tar")).expect("begins");
        given_up.add("a", &folder.path().join("file")).expect("adds");
        drop(given_up);
        let left = fs::read_dir(folder.path()).expect("reads").flatten().map(|entry| entry.file_name());
        let mut left: Vec<_> = left.collect();
        left.sort();
        assert_eq!(left, ["archive.tar", "file"], "one that is given up leaves nothing");
        let manifest = check(&path, Content::Books).expect("is whole");
        assert_eq!((manifest.files, manifest.bytes), (2, 6000));
        assert!(check(&path, Content::Secrets).expect_err("another").to_string().contains("swapped"));
        extract(&path, |name| (name == "a/b").then(|| folder.path().join("out/b"))).expect("extracts");
        assert_eq!(fs::read(folder.path().join("out/b")).expect("reads"), vec![7; 3000]);
    }

    #[test]
    fn a_cut_or_changed_archive_is_found_at_every_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let whole = fs::read(written(folder.path())).expect("reads");
        let other = folder.path().join("other.tar");
        // The two blocks of zeros at the end say nothing.
        for end in (0..whole.len() - 1024).step_by(512) {
            fs::write(&other, &whole[..end]).expect("writes");
            assert!(check(&other, Content::Books).is_err(), "cut at {end}");
        }
        for at in (0..whole.len() - 2048).step_by(97) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            if changed[at] != 0 && whole[at] != 0 {
                fs::write(&other, &changed).expect("writes");
                assert!(check(&other, Content::Books).is_err(), "changed at {at}");
            }
        }
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("evil.tar");
        let mut tar = Builder::new(File::create(&path).expect("a file"));
        let mut header = header(1);
        header.as_gnu_mut().expect("GNU").name[..9].copy_from_slice(b"../escape");
        header.set_cksum();
        tar.append(&header, &b"x"[..]).expect("appends");
        tar.finish().expect("finishes");
        let place = |name: &str| Some(folder.path().join("in").join(name));
        assert!(extract(&path, place).is_err());
        assert!(!folder.path().join("escape").exists());
    }
}
