use crate::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const HEAD: &str = "tocsin-cursor 1 ";
const TEXT_MOST: u64 = 128;

pub(crate) fn is_log_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

/// All through `seq` of the log is handled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cursor {
    pub log_id: String,
    pub seq: u64,
}

impl Cursor {
    fn parse(text: &str) -> Option<Cursor> {
        let (log_id, digits) = text.strip_prefix(HEAD)?.strip_suffix('\n')?.split_once(' ')?;
        let is_number = digits.bytes().all(|c| c.is_ascii_digit());
        let seq = digits.parse().ok().filter(|seq| is_number && *seq < u64::MAX)?;
        is_log_id(log_id).then(|| Cursor { log_id: log_id.to_string(), seq })
    }
}

/// One line, "tocsin-cursor 1 LOG_ID SEQ", as libtocsin has it. Written beside and renamed, and forced to the disk, so that it
/// is always the old one or the new one. A lock beside it keeps a second process away.
struct CursorFile {
    path: PathBuf,
    _lock: File,
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The lock that libtocsin takes, too.
#[cfg(unix)]
fn lock(file: &File) -> io::Result<()> {
    Ok(rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive)?)
}

#[cfg(not(unix))]
fn lock(_: &File) -> io::Result<()> {
    Ok(())
}

/// Makes a rename last.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

impl CursorFile {
    fn open(path: &Path) -> Result<CursorFile, Error> {
        let wrong = |why: io::Error| Error::Cursor(format!("{}: {why}", path.display()));
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(beside(path, ".lock")).map_err(wrong)?;
        lock(&file).map_err(|why| Error::Cursor(format!("{}: another process uses it ({why})", path.display())))?;
        Ok(CursorFile { path: path.to_owned(), _lock: file })
    }

    /// None where there is no file yet.
    fn read(&self) -> Result<Option<Cursor>, Error> {
        let mut text = Vec::new();
        match File::open(&self.path).and_then(|file| file.take(TEXT_MOST + 1).read_to_end(&mut text)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::Cursor(format!("{}: {error}", self.path.display()))),
            Ok(_) => {}
        }
        let cursor = std::str::from_utf8(&text).ok().and_then(Cursor::parse);
        let none = || Error::Cursor(format!("{}: it is no cursor", self.path.display()));
        cursor.ok_or_else(none).map(Some)
    }

    /// On the disk when it returns.
    fn write(&self, cursor: &Cursor) -> Result<(), Error> {
        let fresh = beside(&self.path, ".new");
        let written = File::create(&fresh).and_then(|mut file| {
            writeln!(file, "{HEAD}{} {}", cursor.log_id, cursor.seq)?;
            file.sync_all()?;
            fs::rename(&fresh, &self.path)?;
            sync_folder(&self.path)
        });
        written.map_err(|error| Error::Cursor(format!("{}: {error}", self.path.display())))
    }
}

/// How far what a stream told is handled, and the file that says so.
pub(crate) struct Keeper {
    file: CursorFile,
    interval: Duration,
    pub found: Option<Cursor>, // where the last run ended
    committed: Option<Cursor>,
    filed: Option<Cursor>, // what the file says
    filed_at: Option<Instant>,
}

impl Keeper {
    pub fn open(path: &Path, interval: Duration) -> Result<Keeper, Error> {
        let file = CursorFile::open(path)?;
        let found = file.read()?;
        Ok(Keeper { file, interval, committed: found.clone(), filed: found.clone(), found, filed_at: None })
    }

    /// All through there is handled; the file says so within the interval, or at once. Writing a line is waited for.
    pub fn commit(&mut self, cursor: Cursor, at_once: bool) -> Result<(), Error> {
        self.committed = Some(cursor);
        match self.filed_at.is_some_and(|at| at.elapsed() < self.interval) && !at_once {
            true => Ok(()),
            false => self.write(),
        }
    }

    fn write(&mut self) -> Result<(), Error> {
        match &self.committed {
            Some(cursor) if self.committed != self.filed => {
                self.filed_at = Some(Instant::now());
                self.file.write(cursor)?;
                self.filed.clone_from(&self.committed);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let _ = self.write(); // else it is told again: at least once
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn it_is_one_line_kept_from_a_second_user() {
        let folder = std::env::temp_dir().join(format!("tocsin-rust-cursor-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("cursor");
        let file = CursorFile::open(&path).unwrap();
        assert_eq!(file.read(), Ok(None));
        let cursor = Cursor { log_id: LOG.to_string(), seq: u64::MAX - 1 };
        file.write(&cursor).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("tocsin-cursor 1 {LOG} 18446744073709551614\n"));
        assert_eq!(file.read(), Ok(Some(cursor)));
        #[cfg(unix)]
        assert!(matches!(CursorFile::open(&path), Err(Error::Cursor(_))));
        drop(file);
        fs::write(&path, "no cursor\n").unwrap();
        assert!(matches!(CursorFile::open(&path).unwrap().read(), Err(Error::Cursor(_))));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let good = format!("{HEAD}{LOG} 7\n");
        assert_eq!(Cursor::parse(&good), Some(Cursor { log_id: LOG.to_string(), seq: 7 }));
        for (from, to) in [
            ("\n", ""),
            ("\n", "\n\n"),
            (" 7", " "),
            (" 7", " +7"),
            (" 7", " -7"),
            (" 7", " 18446744073709551615"),
            ("cdef0", "cde0"),
            ("cdef0", "CDEF0"),
            ("cursor 1", "cursor 2"),
        ] {
            assert_eq!(Cursor::parse(&good.replace(from, to)), None, "{from:?} as {to:?}");
        }
    }
}
