//! Every setting of an operator: defaults < file < environment < flags, read once and passed by value.
//!
//! A setting is declared once, with its documentation and its default; the structure that the program reads, the
//! reference in `docs/admin/configuration.md` and `config.example.toml` all come from that declaration. What people
//! edit in the pages of the site is not here but in the table `setting`. Only this module reads the environment.

mod reference;
mod section;
mod source;
#[cfg(test)]
mod tests;
mod value;

pub use reference::{effective, example, reference};
pub use source::{ConfigError, Flags, Origins};
pub use value::{AgeKey, Country, DatabaseUrl, LanguageTag, LogFormat, LogLevel, PublicUrl, Secret};

use domain::{db, settings::Settings, text::PlainText, time::Zone};
use section::section;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    thread,
};

section! {
    /// Where the site is and where its data are.
    pub struct Base in "" {
        /// Address and port to listen on. The default answers this machine only; a reverse proxy in front speaks https.
        listen: SocketAddr = "127.0.0.1:8080";
        /// Where readers find the site: every address that it gives out begins like this.
        public_url: PublicUrl = "http://localhost:8080";
        /// Folder of the database (unless it is PostgreSQL), of pictures, backups and the secret key.
        data_dir: PathBuf = "./data";
    }
}

section! {
    /// The database: a file of SQLite in `data_dir`, unless another is named.
    pub struct Database in "database" {
        /// A file of SQLite, or a PostgreSQL database on this machine or behind a tunnel: this program does not speak TLS
        /// to it.
        url: Option<DatabaseUrl> [like "postgres://kermesse@localhost/kermesse"];
        /// Connections that read. Not set: one for each processor, at least 2.
        readers: Option<u16> [like 4];
        /// Connections that write, on PostgreSQL. SQLite has one, with several writes in a commit.
        writers: u16 = 4;
        /// Megabytes of memory in which SQLite keeps parts of its file.
        cache_mb: u16 = 20;
    }
}

section! {
    /// The character of the site.
    pub struct Site in "site" {
        /// Its name, in the head of every page.
        name: String = "Kermesse";
        /// A sentence about it, for search engines and other servers, and below every page.
        description: Option<String> [like "What is on in Molenbeek, kept by its associations."];
        /// Its time zone: where its days begin and end.
        zone: Zone = "Europe/Brussels";
        /// Languages of its pages; the first is used where a reader prefers none of them.
        languages: Vec<LanguageTag> = ["fr", "en"];
        /// The country whose places are found first, as two letters (ISO 3166).
        country: Option<Country> [like "BE"];
        /// Where to write to: shown on the page about the site.
        contact: Option<String> [like "bonjour@kermesse.example"];
    }
}

section! {
    /// What readers may ask of the server at once.
    pub struct Http in "http" {
        /// Open connections from one address (of IPv6, from one /64).
        connections_per_address: u32 = 100;
        /// Requests of one address in a second to the API, to feeds, to the search page and to what other servers ask,
        /// in the long run; twice as many at once. Who asks more often is told when to come back. 0: as many as it wants.
        requests_per_second: u32 = 50;
        /// Addresses of your reverse proxies: their connections are not counted, and the address that they add to
        /// `X-Forwarded-For` is the reader's. Nobody else is believed about that.
        proxies: Vec<IpAddr> [like ["127.0.0.1", "::1"]];
    }
}

section! {
    /// Pages, which are made by an engine in the program and then kept until what they show changes.
    pub struct Pages in "pages" {
        /// Threads that make pages. Not set: one for each processor, at least 2.
        threads: Option<u16> [like 2];
        /// Megabytes of memory for pages that are kept.
        cache_mb: u16 = 16;
    }
}

section! {
    /// Asking other servers. Both settings are for laboratories: they let the program reach what it must not reach on a
    /// public site.
    pub struct Fetch in "fetch" {
        /// A file of certificates (PEM) that are believed besides those of the machine.
        extra_ca_file: Option<PathBuf> [like "./test-ca.pem"];
        /// Names of servers that are found at an address given here.
        hosts: BTreeMap<String, SocketAddr> [like BTreeMap::from([("peer.test", "127.0.0.1:9443")])];
    }
}

section! {
    /// Pictures, which are read in a process of their own.
    pub struct Pictures in "pictures" {
        /// The program of that process. Not set: this one.
        worker: Option<PathBuf> [like "/usr/bin/kermesse"];
    }
}

section! {
    /// Calendars of elsewhere that the site subscribes to.
    pub struct Calendars in "calendars" {
        /// Minutes after which a calendar is read again, at least 5.
        refresh_minutes: u32 = 60;
    }
}

section! {
    /// Backups.
    pub struct Backup in "backup" {
        /// Public keys of age (`age-keygen` makes a pair) to which backups are encrypted. Keep the private key elsewhere.
        recipients: Vec<AgeKey> [like ["age1, and the rest of your public key"]];
    }
}

section! {
    /// Figures about the running program at `/metrics`, in the format of Prometheus.
    pub struct Metrics in "metrics" {
        /// Who sends it as `Authorization: Bearer …` may read the figures from anywhere. Not set: this machine only.
        token: Option<Secret> [like "a long random text"];
    }
}

section! {
    /// What the program writes to its standard error.
    pub struct Log in "log" {
        /// `text` for people, `json` for programs.
        format: LogFormat = "text";
        /// `error`, `warn`, `info`, `debug` or `trace`; also by part: `info,domain=debug`.
        level: LogLevel = "info";
    }
}

/// The whole configuration.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Config {
    /// Where the site is and where its data are.
    #[serde(flatten)]
    pub base: Base,
    /// The database.
    pub database: Database,
    /// The character of the site.
    pub site: Site,
    /// What readers may ask of the server.
    pub http: Http,
    /// Pages.
    pub pages: Pages,
    /// Asking other servers.
    pub fetch: Fetch,
    /// Pictures.
    pub pictures: Pictures,
    /// Calendars of elsewhere.
    pub calendars: Calendars,
    /// Backups.
    pub backup: Backup,
    /// Figures.
    pub metrics: Metrics,
    /// What is logged.
    pub log: Log,
}

/// Every section, in the order of the reference.
fn sections() -> Vec<section::Section> {
    vec![
        Base::section(),
        Database::section(),
        Site::section(),
        Http::section(),
        Pages::section(),
        Fetch::section(),
        Pictures::section(),
        Calendars::section(),
        Backup::section(),
        Metrics::section(),
        Log::section(),
    ]
}

impl Config {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown setting, a value that is none: in words for who set it.
    pub fn load(flags: &Flags) -> Result<(Self, Origins), ConfigError> {
        Self::load_with(flags, std::env::vars_os())
    }

    /// [`Config::load`] with another environment, for tests.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_with(
        flags: &Flags,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<(Self, Origins), ConfigError> {
        source::load(flags, environment)
    }

    /// Where the data are.
    pub fn location(&self) -> db::Location {
        self.database.url.as_ref().map_or_else(
            || db::Location::File(self.base.data_dir.join("kermesse.sqlite3")),
            |url| url.location().clone(),
        )
    }

    /// How many connections there are.
    pub fn pool_sizes(&self) -> db::PoolSizes {
        db::PoolSizes {
            readers: self.database.readers.map_or_else(processors, usize::from).max(2),
            writers: usize::from(self.database.writers),
            cache_kb: usize::from(self.database.cache_mb) * 1000,
        }
    }

    /// Threads that make pages.
    pub fn page_threads(&self) -> usize {
        self.pages.threads.map_or_else(processors, usize::from).max(2)
    }

    /// What the rules read.
    pub fn settings(&self) -> Settings {
        Settings {
            public_url: self.base.public_url.url().clone(),
            name: self.site.name.clone(),
            description: self.site.description.clone().unwrap_or_default(),
            zone: self.site.zone.clone(),
            languages: self.site.languages.iter().map(ToString::to_string).collect(),
            country: self.site.country.as_ref().map(ToString::to_string),
            contact: self.site.contact.clone(),
        }
    }

    /// What is out of its range, as `(setting, what is right)`.
    fn out_of_range(&self) -> Option<(&'static str, &'static str)> {
        let in_range = [
            (
                "database.readers",
                "1 to 64",
                self.database.readers.is_none_or(|n| (1..=64).contains(&n)),
            ),
            ("database.writers", "1 to 64", (1..=64).contains(&self.database.writers)),
            (
                "database.cache_mb",
                "1 to 4096",
                (1..=4096).contains(&self.database.cache_mb),
            ),
            ("site.name", "a name", !self.site.name.trim().is_empty()),
            ("site.name", ONE_LINE, is_one_line(Some(&self.site.name))),
            (
                "site.description",
                ONE_LINE,
                is_one_line(self.site.description.as_deref()),
            ),
            ("site.contact", ONE_LINE, is_one_line(self.site.contact.as_deref())),
            (
                "site.languages",
                "at least one language",
                !self.site.languages.is_empty(),
            ),
            (
                "http.connections_per_address",
                "at least 1",
                self.http.connections_per_address > 0,
            ),
            (
                "http.requests_per_second",
                "0 to 10000",
                self.http.requests_per_second <= 10_000,
            ),
            (
                "pages.threads",
                "1 to 64",
                self.pages.threads.is_none_or(|n| (1..=64).contains(&n)),
            ),
            ("pages.cache_mb", "1 to 4096", (1..=4096).contains(&self.pages.cache_mb)),
            (
                "calendars.refresh_minutes",
                "5 to 10080",
                (5..=10_080).contains(&self.calendars.refresh_minutes),
            ),
        ];
        in_range
            .into_iter()
            .find(|(.., right)| !right)
            .map(|(key, range, _)| (key, range))
    }
}

/// What every reader and every other server is shown: it must not hide or turn around what stands beside it.
const ONE_LINE: &str = "one line of text, without control characters and without marks that turn the direction of text";

fn is_one_line(text: Option<&str>) -> bool {
    text.is_none_or(|text| PlainText::new("text", text, u32::MAX).is_ok())
}

fn processors() -> usize {
    thread::available_parallelism().map_or(2, std::num::NonZero::get)
}
