//! Puts the parts together: the database, what lies outside, and what the rules read.

use crate::{
    adapters::{
        clock::SystemClock,
        entropy::SystemEntropy,
        files::Directory,
        http::{ClientError, GuardedClient, Laboratory},
        keys::{RsaMint, ServerKey, ServerKeyError},
        pictures::{PictureProcess, this_program},
    },
    config::Config,
    lock::{Lock, LockError},
};
use domain::{
    db::{Db, Location, OpenError, care},
    ports::{Clock, Entropy, FileStore, KeyMint, PictureWorker, WebClient},
    settings::Settings,
};
use std::{
    fs::{self, DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How often, and after how long, one looks whether another process has made the tables.
const MOST_LOOKS: u32 = 50;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// What lies outside the process, each behind its port.
#[derive(Clone)]
pub struct Services {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Files of pictures.
    pub files: Arc<dyn FileStore>,
    /// Other servers.
    pub web: Arc<dyn WebClient>,
    /// Reading pictures.
    pub pictures: Arc<dyn PictureWorker>,
    /// Keys of actors.
    pub keys: Arc<dyn KeyMint>,
}

/// A site that is ready to work.
#[derive(Clone)]
pub struct App {
    /// What the operator set.
    pub config: Arc<Config>,
    /// What the rules read.
    pub settings: Arc<Settings>,
    /// The data.
    pub db: Db,
    /// What lies outside.
    pub services: Services,
    /// Ends when the last clone does.
    lock: Option<Arc<Lock>>,
}

/// How a command uses the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// As the server: alone on a SQLite file, and bringing the database up to date.
    Serve,
    /// Beside a server; an empty database is set up, an older one is refused.
    Beside,
}

/// Why the site does not start, in words for who runs it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder of the data.
    #[error("the folder {} cannot be used: {cause}; check data_dir and that this user may write there", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Another server.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The key of the server.
    #[error(transparent)]
    Key(#[from] ServerKeyError),
    /// The client for other servers.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Makes the file of a new database readable by this user alone, whatever the folder allows; SQLite gives its log the
/// same rights. Where this fails, opening it will say why.
fn keep_private(file: &Path) {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    drop(made);
}

impl App {
    /// Opens everything that `config` names.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn open(config: Config, wanted: Use) -> Result<Self, StartError> {
        make_folder(&config.base.data_dir)?;
        let location = config.location();
        let lock = match (&location, wanted) {
            (Location::File(file), Use::Serve) => Some(Arc::new(Lock::take(file)?)),
            _ => None,
        };
        if let Location::File(file) = &location {
            keep_private(file);
        }
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let db = Db::open(&location, config.pool_sizes(), clock.clone(), entropy.clone())?;
        let (is_new, may_make_key) = (care::is_empty(&location)?, !care::has_sealed_keys(&location)?);
        let services = Services {
            files: Arc::new(files(&config, &*clock)?),
            web: Arc::new(web(&config)?),
            pictures: Arc::new(PictureProcess::new(picture_program(&config)?)),
            // The key comes before the first row: a database without its key would be of no use.
            keys: Arc::new(RsaMint::new(Arc::new(ServerKey::load_or_create(
                &key_file(&config),
                may_make_key,
            )?))),
            clock,
            entropy,
        };
        migrate(&db, wanted, is_new)?;
        Ok(Self {
            settings: Arc::new(config.settings()),
            config: Arc::new(config),
            db,
            services,
            lock,
        })
    }

    /// Whether this process is alone on its data.
    pub fn is_alone(&self) -> bool {
        self.lock.is_some()
    }
}

/// Where the server's key lies.
pub fn key_file(config: &Config) -> PathBuf {
    config.base.data_dir.join("secret.key")
}

/// Where pictures lie.
pub fn media_folder(config: &Config) -> PathBuf {
    config.base.data_dir.join("media")
}

/// Makes the folder of the data, for this user alone.
///
/// # Errors
/// Another user's folder, a file in its place.
pub fn make_folder(path: &Path) -> Result<(), StartError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .and_then(|()| fs::metadata(path))
        .and_then(|about| {
            if about.is_dir() {
                Ok(())
            } else {
                Err(io::ErrorKind::NotADirectory.into())
            }
        })
        .map_err(folder(path))
}

fn folder(path: &Path) -> impl FnOnce(io::Error) -> StartError {
    let path = path.to_owned();
    move |cause| StartError::Folder { path, cause }
}

fn files(config: &Config, clock: &dyn Clock) -> Result<Directory, StartError> {
    let media = media_folder(config);
    Directory::open(&media, clock).map_err(folder(&media))
}

/// The client for other servers.
///
/// # Errors
/// `Client`.
pub fn web(config: &Config) -> Result<GuardedClient, StartError> {
    let laboratory = Laboratory {
        extra_ca_file: config.fetch.extra_ca_file.clone(),
        hosts: config.fetch.hosts.clone(),
    };
    if laboratory.is_on() {
        tracing::warn!("settings of a laboratory are in force (fetch.*): this is no public site");
    }
    Ok(GuardedClient::new(config.base.public_url.url(), &laboratory)?)
}

fn picture_program(config: &Config) -> Result<PathBuf, StartError> {
    match &config.pictures.worker {
        Some(program) => Ok(program.clone()),
        None => this_program().map_err(folder(Path::new("/proc/self"))),
    }
}

fn migrate(db: &Db, wanted: Use, is_new: bool) -> Result<(), StartError> {
    match wanted {
        Use::Serve => bring_up_to_date(db),
        Use::Beside if is_new => set_up(db),
        Use::Beside => {
            let state = db.migration_state()?;
            match (state.unknown.last(), state.pending.len()) {
                (Some(newer), _) => Err(OpenError::Newer(newer.clone()).into()),
                (None, 0) => Ok(()),
                (None, pending) => Err(OpenError::Older(pending).into()),
            }
        }
    }
}

fn bring_up_to_date(db: &Db) -> Result<(), StartError> {
    for step in db.migrate()? {
        tracing::info!(step, "the database is brought up to date");
    }
    Ok(())
}

/// Makes the tables of a new database, or waits until the server that has just been started beside has made them.
fn set_up(db: &Db) -> Result<(), StartError> {
    let Location::File(file) = db.location() else {
        return bring_up_to_date(db); // PostgreSQL lets one migrate at a time
    };
    let mut tries = 0;
    loop {
        match Lock::take(file) {
            Ok(_alone) => return bring_up_to_date(db),
            Err(LockError::Held(_)) if db.migration_state()?.pending.is_empty() => return Ok(()),
            Err(LockError::Held(_)) if tries < MOST_LOOKS => std::thread::sleep(BETWEEN_LOOKS),
            Err(error) => return Err(error.into()),
        }
        tries += 1;
    }
}
