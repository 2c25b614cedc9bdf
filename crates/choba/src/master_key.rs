//! The master keys under which secrets are encrypted at rest.
//!
//! They live in one file outside of the data folder, or in the environment, and never in a backup. The file has one
//! line for each version, `version hex64`, the newest last; sealed values say which version sealed them, so old lines
//! stay until everything is sealed anew.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use kernel::Entropy;
use kernel::outside::{random_bytes, random_hex};

/// All versions of the master key, oldest first; at least one.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKeys {
    /// Version and key, versions rising.
    pub keys: Vec<(u32, [u8; 32])>,
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<u32> = self.keys.iter().map(|(version, _)| *version).collect();
        f.debug_struct("MasterKeys").field("versions", &versions).finish_non_exhaustive()
    }
}

/// Why there are no master keys. Never shows a part of a key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file is not there and must not be made anew, because something was sealed with it.
    #[error("the master key file {} is missing: put it back (a backup does not contain it)", .0.display())]
    Missing(PathBuf),
    /// Others than the owner can read the file.
    #[error("the master key file {} can be read by others (mode {mode:03o}): run chmod 600 on it", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file cannot be read or made.
    #[error("the master key file {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The text is not in the form of keys.
    #[error("{place}: {wrong}")]
    Malformed {
        /// The file and line, or the environment variable and entry.
        place: String,
        /// What is wrong.
        wrong: MalformedKey,
    },
}

/// What is wrong with the text of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedKey {
    /// No key at all.
    #[error("no key in it; expected a version and 64 hexadecimal digits")]
    Empty,
    /// The version is not a number from 1.
    #[error("the version is not a whole number from 1 to 4294967295")]
    Version,
    /// Not 64 hexadecimal digits.
    #[error("the key is not 64 hexadecimal digits (32 bytes)")]
    Key,
    /// Versions must rise.
    #[error("the version is not larger than the one before it; the newest stands last")]
    Order,
}

/// Master keys and where they came from.
#[derive(Debug)]
pub struct Loaded {
    /// The keys.
    pub keys: MasterKeys,
    /// Whether the file was made just now.
    pub created: bool,
}

impl MasterKeys {
    /// From one or more `version:hex64`, separated by commas, or a plain `hex64`, which is version 1.
    pub fn from_environment(variable: &str, text: &str) -> Result<MasterKeys, MasterKeyError> {
        let text = text.trim();
        if !text.contains([':', ',']) {
            let wrong = |wrong| malformed(variable, wrong);
            if text.is_empty() {
                return Err(wrong(MalformedKey::Empty));
            }
            return Ok(MasterKeys { keys: vec![(1, key_from_hex(text).ok_or(MalformedKey::Key).map_err(wrong)?)] });
        }
        let entries = text.split(',').enumerate();
        collect(entries.map(|(index, entry)| (format!("{variable}, key {}", index + 1), entry.split_once(':'))))
            .and_then(|keys| keys.ok_or_else(|| malformed(variable, MalformedKey::Empty)))
    }

    /// From the lines of a file; empty lines and lines that begin with `#` say nothing.
    pub fn from_lines(path: &Path, text: &str) -> Result<MasterKeys, MasterKeyError> {
        let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let entries = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let place = |number| format!("the master key file {}, line {number}", path.display());
        collect(entries.map(|(number, line)| (place(number), line.split_once(char::is_whitespace)))).and_then(|keys| {
            keys.ok_or_else(|| malformed(format!("the master key file {}", path.display()), MalformedKey::Empty))
        })
    }

    /// Reads the file at `path`, which must be readable by its owner only.
    pub fn load(path: &Path) -> Result<MasterKeys, MasterKeyError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => MasterKeyError::Missing(path.to_owned()),
            _ => MasterKeyError::Io { path: path.to_owned(), error },
        };
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::Open { path: path.to_owned(), mode });
        }
        MasterKeys::from_lines(path, &io::read_to_string(file).map_err(failed)?)
    }

    /// Reads the file at `path`, or makes it with a random key of version 1 where there is none.
    pub fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Loaded, MasterKeyError> {
        match MasterKeys::load(path) {
            Ok(keys) => return Ok(Loaded { keys, created: false }),
            Err(MasterKeyError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        let keys = MasterKeys { keys: vec![(1, random_bytes(entropy))] };
        match put(path, &keys, entropy, Existing::Keep) {
            Ok(()) => Ok(Loaded { keys, created: true }),
            // Another process made it between the two steps: that one is the key.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Ok(Loaded { keys: MasterKeys::load(path)?, created: false })
            }
            Err(error) => Err(MasterKeyError::Io { path: path.to_owned(), error }),
        }
    }

    /// Every key with its version, the newest last.
    pub fn versions(&self) -> Vec<(u32, [u8; 32])> {
        self.keys.clone()
    }

    /// Adds a random key with the next version to the file at `path` and returns all keys, the new one last.
    pub fn append(path: &Path, entropy: &dyn Entropy) -> Result<MasterKeys, MasterKeyError> {
        let mut keys = MasterKeys::load(path)?;
        let version = keys.newest().0.checked_add(1);
        let version = version.ok_or_else(|| malformed(path.display().to_string(), MalformedKey::Version))?;
        keys.keys.push((version, random_bytes(entropy)));
        let written = put(path, &keys, entropy, Existing::Replace);
        written.map_err(|error| MasterKeyError::Io { path: path.to_owned(), error })?;
        Ok(keys)
    }

    /// The key that seals from now on.
    pub fn newest(&self) -> (u32, &[u8; 32]) {
        let (version, key) = self.keys.last().expect("there is at least one master key");
        (*version, key)
    }

    /// The key of `version`.
    pub fn get(&self, version: u32) -> Option<&[u8; 32]> {
        self.keys.iter().find(|(known, _)| *known == version).map(|(_, key)| key)
    }
}

fn malformed(place: impl Into<String>, wrong: MalformedKey) -> MasterKeyError {
    MasterKeyError::Malformed { place: place.into(), wrong }
}

/// Reads entries of a place and what stands there as version and key; none if there are no entries.
fn collect<'a>(
    entries: impl Iterator<Item = (String, Option<(&'a str, &'a str)>)>,
) -> Result<Option<MasterKeys>, MasterKeyError> {
    let mut keys: Vec<(u32, [u8; 32])> = Vec::new();
    for (place, entry) in entries {
        let read = entry.ok_or(MalformedKey::Version).and_then(|(version, key)| {
            let version = version.trim().parse().ok().filter(|version| *version >= 1).ok_or(MalformedKey::Version)?;
            let key = key_from_hex(key.trim()).ok_or(MalformedKey::Key)?;
            let rises = keys.last().is_none_or(|(before, _)| *before < version);
            if rises { Ok((version, key)) } else { Err(MalformedKey::Order) }
        });
        keys.push(read.map_err(|wrong| malformed(place, wrong))?);
    }
    Ok((!keys.is_empty()).then_some(MasterKeys { keys }))
}

fn key_from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Some(key)
}

#[derive(Clone, Copy)]
enum Existing {
    Keep,
    Replace,
}

/// Writes the file in one step: readers see the old file or the whole new one, and only its owner may read it.
fn put(path: &Path, keys: &MasterKeys, entropy: &dyn Entropy, existing: Existing) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", random_hex::<6>(entropy)));
    let temporary = PathBuf::from(name);
    let done = write_whole(&temporary, keys).and_then(|()| match existing {
        Existing::Keep => fs::hard_link(&temporary, path).and_then(|()| fs::remove_file(&temporary)),
        Existing::Replace => fs::rename(&temporary, path),
    });
    if done.is_err() {
        // What is left of a failed attempt holds a key that is used nowhere; the first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    done.and_then(|()| File::open(folder)?.sync_all())
}

fn write_whole(path: &Path, keys: &MasterKeys) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "# Master keys of choba: version and key, the newest last. Keep a copy apart from the backups.")?;
    for (version, key) in &keys.keys {
        writeln!(file, "{version} {}", kernel::id::hex(key))?;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::OsEntropy;

    const ONES: &str = "1111111111111111111111111111111111111111111111111111111111111111";
    const BYTES: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

    #[test]
    fn the_environment_gives_one_or_several_versions() {
        let counting: [u8; 32] = std::array::from_fn(|index| index as u8);
        let rows = [
            (BYTES.to_owned(), vec![(1, counting)]),
            (format!("1:{ONES}"), vec![(1, [0x11; 32])]),
            (format!("1:{ONES}, 7:{BYTES}"), vec![(1, [0x11; 32]), (7, counting)]),
        ];
        for (text, keys) in rows {
            assert_eq!(MasterKeys::from_environment("K", &text).unwrap().keys, keys, "{text}");
        }
    }

    #[test]
    fn malformed_keys_are_named_and_not_shown() {
        let short = &ONES[1..];
        let rows = [
            (String::new(), "K: no key in it; expected a version and 64 hexadecimal digits"),
            (short.to_owned(), "K: the key is not 64 hexadecimal digits (32 bytes)"),
            (format!("{}g", short), "K: the key is not 64 hexadecimal digits (32 bytes)"),
            (format!("0:{ONES}"), "K, key 1: the version is not a whole number from 1 to 4294967295"),
            (format!("{ONES},{ONES}"), "K, key 1: the version is not a whole number from 1 to 4294967295"),
            (format!("1:{ONES},2:{short}"), "K, key 2: the key is not 64 hexadecimal digits (32 bytes)"),
            (
                format!("2:{ONES},2:{ONES}"),
                "K, key 2: the version is not larger than the one before it; the newest stands last",
            ),
        ];
        for (text, message) in rows {
            let error = MasterKeys::from_environment("K", &text).unwrap_err().to_string();
            assert_eq!(error, message, "{text}");
            assert!(!error.contains("1111"));
        }
        let error = MasterKeys::from_lines(Path::new("/k"), &format!("# mine\n\n1 {ONES}\n2\n")).unwrap_err();
        let message = "the master key file /k, line 4: the version is not a whole number from 1 to 4294967295";
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn a_missing_file_is_made_for_its_owner_only_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/choba/master.key");
        assert!(matches!(MasterKeys::load(&path), Err(MasterKeyError::Missing(_))));
        let made = MasterKeys::load_or_create(&path, &OsEntropy).unwrap();
        assert!(made.created);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = MasterKeys::load_or_create(&path, &OsEntropy).unwrap();
        assert_eq!((again.created, &again.keys), (false, &made.keys));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_version_keeps_the_old_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let first = MasterKeys::load_or_create(&path, &OsEntropy).unwrap().keys;
        let both = MasterKeys::append(&path, &OsEntropy).unwrap();
        assert_eq!(MasterKeys::load(&path).unwrap(), both);
        assert_eq!(both.get(1), first.get(1));
        assert_eq!(both.newest().0, 2);
        assert_ne!(both.get(2), both.get(1));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        MasterKeys::load_or_create(&path, &OsEntropy).unwrap();
        for mode in [0o640, 0o604, 0o610, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(MasterKeys::load(&path), Err(MasterKeyError::Open { mode: found, .. }) if found == mode));
        }
    }

    #[test]
    fn keys_do_not_show_when_printed_for_debugging() {
        let keys = MasterKeys::from_environment("K", ONES).unwrap();
        assert_eq!(format!("{keys:?}"), "MasterKeys { versions: [1], .. }");
    }
}
