//! The server's key, which lies outside the database, and the keys of actors, sealed with it: who steals a dump or a
//! backup cannot sign in anybody's name.
//!
//! A sealed key is a byte for the form (1), a nonce of 12 bytes, and the PKCS#8 text under AES-256-GCM-SIV (RFC 8452). The
//! public key is authenticated with it, so that a sealed key is of no use beside another actor.

use async_trait::async_trait;
use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    error::Unspecified,
    rand,
    rsa::{self, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    error::{Error, Result},
    ports::{KeyMint, KeyPair},
};
use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Bytes of the server's key.
const KEY_BYTES: usize = 32;
/// What the sealed bytes begin with.
const FORM: u8 = 1;
/// What else is authenticated, before the public key.
const PURPOSE: &[u8] = b"kermesse actor key\0";

/// Why the server's key cannot be used, in words for who runs the site.
#[derive(Debug, thiserror::Error)]
pub enum ServerKeyError {
    /// The database has sealed keys and the file is gone.
    #[error(
        "the server's key {} is missing, and the database has keys that were sealed with it; put the file back from where you keep it (backups do not contain it), or copy it from another node", .0.display()
    )]
    Missing(PathBuf),
    /// Others can read it.
    #[error("the server's key {} can be read by others; run `chmod 600` on it", .0.display())]
    Open(PathBuf),
    /// Not 32 bytes.
    #[error("the server's key {} is damaged: it must have 32 bytes; put it back from where you keep it", .0.display())]
    Damaged(PathBuf),
    /// The file system refuses.
    #[error("the server's key {} cannot be used: {cause}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// The key that seals what the database must not tell.
pub struct ServerKey(RandomizedNonceKey);

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(***)")
    }
}

impl ServerKey {
    /// Reads the key, or makes it where there is none and `database_is_new`: nothing can have been sealed with it yet.
    ///
    /// # Errors
    /// See [`ServerKeyError`]: a key that is missed is never made anew.
    pub fn load_or_create(path: &Path, database_is_new: bool) -> std::result::Result<Self, ServerKeyError> {
        let file = |cause| ServerKeyError::File {
            path: path.to_owned(),
            cause,
        };
        match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if !database_is_new {
                    return Err(ServerKeyError::Missing(path.to_owned()));
                }
                create(path).map_err(file)?;
            }
            Err(error) => return Err(file(error)),
            Ok(found) if found.permissions().mode() & 0o077 != 0 => return Err(ServerKeyError::Open(path.to_owned())),
            Ok(_) => {}
        }
        let bytes = fs::read(path).map_err(file)?;
        let damaged = |_: Unspecified| ServerKeyError::Damaged(path.to_owned());
        RandomizedNonceKey::new(&AES_256_GCM_SIV, &bytes)
            .map(Self)
            .map_err(damaged)
    }

    /// The private half of a pair: PKCS#8, DER.
    ///
    /// # Errors
    /// `Internal` where it was sealed with another key, for another public key, or was changed.
    pub fn unseal(&self, keys: &KeyPair) -> Result<Vec<u8>> {
        let broken = || Error::bug("a sealed key cannot be opened: it belongs to another server key, or was changed");
        let Some((&FORM, rest)) = keys.sealed_private.split_first() else {
            return Err(broken());
        };
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(Error::internal)?;
        let mut private = sealed.to_vec();
        let opened = self
            .0
            .open_in_place(nonce, authenticated(&keys.public_pem), &mut private)
            .map(|private| private.len());
        let Ok(length) = opened else { return Err(broken()) };
        private.truncate(length);
        Ok(private)
    }

    fn seal(&self, public_pem: String, private: &[u8]) -> std::result::Result<KeyPair, Unspecified> {
        let mut sealed = private.to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(authenticated(&public_pem), &mut sealed)?;
        let mut sealed_private = vec![FORM];
        sealed_private.extend_from_slice(nonce.as_ref());
        sealed_private.append(&mut sealed);
        Ok(KeyPair {
            public_pem,
            sealed_private,
        })
    }
}

fn authenticated(public_pem: &str) -> Aad<Vec<u8>> {
    Aad::from([PURPOSE, public_pem.as_bytes()].concat())
}

/// Writes a new key where no file is; where another process was faster, its key stays.
fn create(path: &Path) -> io::Result<()> {
    let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut key = [0; KEY_BYTES];
    rand::fill(&mut key).map_err(io::Error::other)?;
    let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
    let linked = write_new(&unfinished, &key).and_then(|()| fs::hard_link(&unfinished, path));
    fs::remove_file(&unfinished)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => File::open(folder)?.sync_all(),
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes keys of actors and seals them with the server's key.
#[derive(Debug, Clone)]
pub struct RsaMint(Arc<ServerKey>);

impl RsaMint {
    /// A mint that seals with `key`.
    pub fn new(key: Arc<ServerKey>) -> Self {
        Self(key)
    }
}

#[async_trait]
impl KeyMint for RsaMint {
    async fn mint(&self) -> Result<KeyPair> {
        let key = self.0.clone();
        // Looking for primes takes a tenth of a second and more.
        let minted = tokio::task::spawn_blocking(move || mint(&key)).await;
        minted.map_err(Error::internal)?.map_err(Error::internal)
    }
}

fn mint(key: &ServerKey) -> std::result::Result<KeyPair, Unspecified> {
    let pair = rsa::KeyPair::generate(KeySize::Rsa2048)?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
    let private: Pkcs8V1Der<'_> = pair.as_der()?;
    key.seal(pem("PUBLIC KEY", public.as_ref()), private.as_ref())
}

/// RFC 7468: base64 in lines of 64.
fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while let Some((line, more)) = rest.split_at_checked(64) {
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    if !rest.is_empty() {
        pem.push_str(rest);
        pem.push('\n');
    }
    pem.push_str("-----END ");
    pem.push_str(label);
    pem.push_str("-----\n");
    pem
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
    };

    fn key_in(folder: &Path, is_new: bool) -> std::result::Result<ServerKey, ServerKeyError> {
        ServerKey::load_or_create(&folder.join("data/secret.key"), is_new)
    }

    fn der(pem: &str) -> Vec<u8> {
        let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        BASE64_STANDARD.decode(lines).unwrap()
    }

    #[tokio::test]
    async fn what_the_opened_key_signs_the_public_key_verifies() {
        let folder = tempfile::tempdir().unwrap();
        let key = Arc::new(key_in(folder.path(), true).unwrap());
        let keys = RsaMint::new(key.clone()).mint().await.unwrap();
        assert!(keys.public_pem.starts_with("-----BEGIN PUBLIC KEY-----\nMIIB"));
        assert!(keys.public_pem.lines().all(|line| line.len() <= 64));

        let private = rsa::KeyPair::from_pkcs8(&key.unseal(&keys).unwrap()).unwrap();
        let mut signature = vec![0; private.public_modulus_len()];
        let random = SystemRandom::new();
        private
            .sign(&RSA_PKCS1_SHA256, &random, b"(request-target)", &mut signature)
            .unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der(&keys.public_pem));
        public.verify(b"(request-target)", &signature).unwrap();
    }

    #[test]
    fn a_sealed_key_opens_only_unchanged_with_the_same_server_key_and_for_its_public_key() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = key_in(folder.path(), true).unwrap();
        let keys = key.seal("public".into(), b"private").unwrap();
        assert_eq!(key.unseal(&keys).unwrap(), b"private");
        assert!(key_in(elsewhere.path(), true).unwrap().unseal(&keys).is_err());
        let of_another = KeyPair {
            public_pem: "another".into(),
            ..keys.clone()
        };
        assert!(key.unseal(&of_another).is_err());
        for at in 0..keys.sealed_private.len() {
            let mut changed = keys.clone();
            changed.sealed_private[at] ^= 1;
            assert!(key.unseal(&changed).is_err(), "{at}");
            changed.sealed_private.truncate(at);
            assert!(key.unseal(&changed).is_err(), "{at}");
        }
    }

    #[test]
    fn the_server_key_is_made_once_and_never_anew() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(key_in(folder.path(), false), Err(ServerKeyError::Missing(_))));
        let sealed = key_in(folder.path(), true)
            .unwrap()
            .seal("public".into(), b"private")
            .unwrap();
        for is_new in [true, false] {
            assert_eq!(
                key_in(folder.path(), is_new).unwrap().unseal(&sealed).unwrap(),
                b"private"
            );
        }
        let mut names = fs::read_dir(folder.path().join("data")).unwrap();
        let only = names.next().unwrap().unwrap();
        assert_eq!(only.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(only.metadata().unwrap().len(), 32);
        assert!(names.next().is_none());
    }

    #[test]
    fn a_server_key_that_others_can_read_or_that_is_damaged_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        key_in(folder.path(), true).unwrap();
        let path = folder.path().join("data/secret.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(key_in(folder.path(), true), Err(ServerKeyError::Open(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, [1; 31]).unwrap();
        assert!(matches!(key_in(folder.path(), true), Err(ServerKeyError::Damaged(_))));
    }

    #[test]
    fn secrets_are_not_printed() {
        let folder = tempfile::tempdir().unwrap();
        let key = key_in(folder.path(), true).unwrap();
        assert_eq!(format!("{key:?}"), "ServerKey(***)");
    }
}
