//! The form of a backup: tar, in zstd, in age.
//!
//! First `kermesse.json` ([`About`]), then the database, then `media/…`, and last `contents.json` ([`Contents`]) with the
//! digest of everything before it: an archive that was cut off has no end, one that was changed another digest.

use age::stream::{StreamReader, StreamWriter};
use domain::{file::FileKey, text::PlainText};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// The name of the first entry.
const ABOUT: &str = "kermesse.json";
/// The name of the last entry.
const CONTENTS: &str = "contents.json";
/// The name of a database of SQLite.
pub(super) const SQLITE: &str = "database.sqlite3";
/// The name of a dump of PostgreSQL.
pub(super) const DUMP: &str = "database.dump";
/// The folder of the pictures, in an archive as in the folder of the data.
pub(super) const MEDIA: &str = "media";
/// The number of this form.
pub(super) const FORM: u32 = 1;
/// What files of age begin with.
const AGE: &[u8] = b"age-encryption.org/v1";
/// Pictures are compressed already; texts are what this is for.
const LEVEL: i32 = 3;

/// What a backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    /// The number of the form.
    pub(super) form: u32,
    /// The version of the program that made it.
    #[serde(deserialize_with = "printable")]
    pub(super) program: String,
    /// When it was made.
    #[serde(deserialize_with = "printable")]
    pub(super) made_at: String,
    /// `sqlite` or `postgres`.
    #[serde(deserialize_with = "printable")]
    pub(super) database: String,
}

/// What is in a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contents {
    /// SHA-256 of each entry.
    pub(super) digests: BTreeMap<String, String>,
    /// Pictures that the database names and that were not there.
    pub(super) missing: Vec<String>,
}

/// Where the bytes go: encrypted or not.
enum Sink {
    Plain(BufWriter<File>),
    Sealed(Box<StreamWriter<BufWriter<File>>>),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(sink) => sink.write(bytes),
            Self::Sealed(sink) => sink.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(sink) => sink.flush(),
            Self::Sealed(sink) => sink.flush(),
        }
    }
}

/// Writes an archive.
pub(super) struct Writer {
    tar: tar::Builder<zstd::Encoder<'static, Sink>>,
    contents: Contents,
}

impl Writer {
    /// Begins an archive; without recipients, in plaintext.
    pub(super) fn begin(file: File, recipients: &[age::x25519::Recipient], about: &About) -> io::Result<Self> {
        let file = BufWriter::new(file);
        let sink = if recipients.is_empty() {
            Sink::Plain(file)
        } else {
            let recipients = recipients.iter().map(|one| one as &dyn age::Recipient);
            let encryptor = age::Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
            Sink::Sealed(Box::new(encryptor.wrap_output(file)?))
        };
        let mut writer = Self {
            tar: tar::Builder::new(zstd::Encoder::new(sink, LEVEL)?),
            contents: Contents::default(),
        };
        writer.add_json(ABOUT, about)?;
        Ok(writer)
    }

    /// Adds a file as it is now: what is appended to it meanwhile is left out.
    pub(super) fn add(&mut self, name: &str, file: &File) -> io::Result<()> {
        let size = file.metadata()?.len();
        let digest = self.append(name, size, file.take(size))?;
        self.contents.digests.insert(name.to_owned(), digest);
        Ok(())
    }

    /// Notes a picture that is not there.
    pub(super) fn missing(&mut self, name: String) {
        self.contents.missing.push(name);
    }

    /// Ends the archive and brings it to the disk.
    pub(super) fn finish(mut self) -> io::Result<Contents> {
        let contents = std::mem::take(&mut self.contents);
        self.add_json(CONTENTS, &contents)?;
        let file = match self.tar.into_inner()?.finish()? {
            Sink::Plain(file) => file,
            Sink::Sealed(file) => file.finish()?,
        };
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(contents)
    }

    fn add_json(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(value)?;
        let size = u64::try_from(text.len()).map_err(io::Error::other)?;
        let digest = self.append(name, size, text.as_slice())?;
        self.contents.digests.insert(name.to_owned(), digest);
        Ok(())
    }

    fn append(&mut self, name: &str, size: u64, bytes: impl Read) -> io::Result<String> {
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o600);
        let mut digested = Digested::new(bytes);
        self.tar.append_data(&mut header, name, &mut digested)?;
        if digested.read != size {
            return Err(io::Error::other(format!("{name} became shorter while it was read")));
        }
        Ok(digested.digest())
    }
}

/// Opens an archive. `identity`: the text of a file with private keys, for one that is encrypted.
///
/// # Errors
/// `Ok(None)`: it is encrypted and no identity was given.
pub(super) fn open(file: File, identity: Option<&str>) -> io::Result<Option<Reader>> {
    let mut file = BufReader::new(file);
    if !file.fill_buf()?.starts_with(AGE) {
        file.rewind()?;
        return Ok(Some(Reader::new(Box::new(file))?));
    }
    let Some(identity) = identity else { return Ok(None) };
    let keys = identity
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.parse().map_err(io::Error::other))
        .collect::<io::Result<Vec<age::x25519::Identity>>>()?;
    let decryptor = age::Decryptor::new_buffered(file).map_err(io::Error::other)?;
    let keys = keys.iter().map(|key| key as &dyn age::Identity);
    let opened: StreamReader<_> = decryptor.decrypt(keys).map_err(io::Error::other)?;
    Ok(Some(Reader::new(Box::new(opened))?))
}

/// Reads an archive.
pub(super) struct Reader {
    tar: tar::Archive<zstd::Decoder<'static, BufReader<Box<dyn Read>>>>,
}

impl Reader {
    fn new(bytes: Box<dyn Read>) -> io::Result<Self> {
        Ok(Self {
            tar: tar::Archive::new(zstd::Decoder::new(bytes)?),
        })
    }

    /// Unpacks everything into `folder` and checks it: the result is complete and unchanged.
    pub(super) fn unpack(mut self, folder: &Path) -> io::Result<(About, Contents)> {
        let mut digests = BTreeMap::new();
        for entry in self.tar.entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            let name = path.to_str().filter(|name| is_ours(name)).map(ToOwned::to_owned);
            let name = name.ok_or_else(|| strange(&path.to_string_lossy()))?;
            if !entry.header().entry_type().is_file() {
                return Err(io::Error::other(format!("{name} is no file")));
            }
            let digest = write(&folder.join(&path), &mut entry)?;
            digests.insert(name, digest);
        }
        let contents: Contents = json(&folder.join(CONTENTS))?;
        digests.remove(CONTENTS);
        if digests != contents.digests {
            return Err(io::Error::other("its contents were changed"));
        }
        if let Some(name) = contents.missing.iter().find(|name| FileKey::parse(name).is_none()) {
            return Err(strange(name));
        }
        let about: About = json(&folder.join(ABOUT))?;
        if about.form > FORM {
            return Err(io::Error::other(format!(
                "it was made by a newer Kermesse ({})",
                about.program
            )));
        }
        Ok((about, contents))
    }
}

/// Names that we give, and no others: what is unpacked lies where we look for it, and nothing lies beside it.
fn is_ours(name: &str) -> bool {
    let picture = name.strip_prefix(MEDIA).and_then(|name| name.strip_prefix('/'));
    matches!(name, ABOUT | CONTENTS | SQLITE | DUMP) || picture.and_then(FileKey::parse).is_some()
}

fn strange(name: &str) -> io::Error {
    io::Error::other(format!("a strange name: {}", line(name)))
}

/// A text of an archive, or of the database in it, for the terminal: whoever made the archive wrote it, and a terminal
/// obeys control characters.
pub(super) fn line(text: &str) -> String {
    PlainText::bent(text, 200).to_string()
}

fn printable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| line(&text))
}

fn write(path: &Path, bytes: &mut impl Read) -> io::Result<String> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut digested = Digested::new(bytes);
    io::copy(&mut digested, &mut file)?;
    file.sync_all()?;
    Ok(digested.digest())
}

fn json<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    let text = std::fs::read(path).map_err(|error| {
        let name = path.file_name().unwrap_or_default().display();
        io::Error::other(format!("its end is missing ({name}: {error})"))
    })?;
    Ok(serde_json::from_slice(&text)?)
}

/// Digests what is read through it.
struct Digested<R> {
    bytes: R,
    hash: Sha256,
    read: u64,
}

impl<R: Read> Digested<R> {
    fn new(bytes: R) -> Self {
        Self {
            bytes,
            hash: Sha256::new(),
            read: 0,
        }
    }

    fn digest(self) -> String {
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<R: Read> Read for Digested<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.hash.update(into.get(..read).unwrap_or_default());
        self.read = self.read.saturating_add(u64::try_from(read).unwrap_or(0));
        Ok(read)
    }
}
