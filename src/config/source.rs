//! Where settings come from, in which order, and what is said when one of them is wrong.

use super::{Config, sections};
use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Serialized, Toml},
    value::{Dict, Map, Value},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Read where no file is named, the first that exists.
const FILES: [&str; 2] = ["./kermesse.toml", "/etc/kermesse/kermesse.toml"];
/// Variables with a name of their own.
const VARIABLES: [(&str, &str); 4] = [
    ("KERMESSE_LISTEN", "listen"),
    ("KERMESSE_PUBLIC_URL", "public_url"),
    ("KERMESSE_DATA_DIR", "data_dir"),
    ("DATABASE_URL", "database.url"),
];
/// Begins every variable but one.
const OURS: &str = "KERMESSE_";
/// Begins those without a name of their own: `KERMESSE__SITE__NAME`.
const PREFIX: &str = "KERMESSE__";

/// Settings of the command line, which win.
#[derive(Debug, Clone, Default, Serialize, clap::Args)]
pub struct Flags {
    /// File of settings [default: ./kermesse.toml, else /etc/kermesse/kermesse.toml, else none]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Address and port to listen on
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Where readers find the site
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Folder of the data
    #[arg(long, global = true, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// A file of SQLite or a URL of PostgreSQL
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip)]
    pub database: Option<String>,
}

/// Why there is no configuration, in words for who wrote it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file of `--config` cannot be read.
    #[error("the configuration file {} cannot be read: {cause}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// A name that is none.
    #[error("there is no setting {key} ({origin}){}", nearest.as_ref().map(|name| format!("; did you mean {name}?")).unwrap_or_default())]
    Unknown {
        /// The name.
        key: String,
        /// Where it stands.
        origin: String,
        /// The known name that is most like it.
        nearest: Option<String>,
    },
    /// A value that is none.
    #[error("the setting {key} is wrong ({origin}): {cause}")]
    Wrong {
        /// Which setting.
        key: String,
        /// Where it stands.
        origin: String,
        /// What is expected.
        cause: String,
    },
    /// The file is no TOML.
    #[error("{0}")]
    Syntax(String),
}

/// Where each setting comes from, where that is not its default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    of: BTreeMap<String, String>,
    strangers: Vec<String>,
}

impl Origins {
    /// Where a setting comes from, `None` for its default.
    pub fn of(&self, key: &str) -> Option<&str> {
        self.of.get(key).map(String::as_str)
    }

    /// Variables that are called like ours and are none: they set nothing.
    pub fn strangers(&self) -> &[String] {
        &self.strangers
    }
}

pub(super) fn load(
    flags: &Flags,
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> Result<(Config, Origins), ConfigError> {
    let mut figment = Figment::from(Serialized::defaults(defaults()));
    if let Some(file) = file(flags)? {
        figment = figment.merge(Toml::file_exact(file));
    }
    let environment = Environment::read(environment)?;
    let strangers = environment.strangers.clone();
    let mut figment = figment.merge(environment).merge(Given(Serialized::defaults(flags)));
    if let Some(url) = &flags.database {
        figment = figment.merge(Given(Serialized::default("database.url", url)));
    }
    let origins = Origins {
        of: origins(&figment)?,
        strangers,
    };
    let config = Config {
        base: figment.extract().map_err(wrong)?,
        database: part(&figment, "database")?,
        site: part(&figment, "site")?,
        http: part(&figment, "http")?,
        pages: part(&figment, "pages")?,
        fetch: part(&figment, "fetch")?,
        pictures: part(&figment, "pictures")?,
        calendars: part(&figment, "calendars")?,
        backup: part(&figment, "backup")?,
        metrics: part(&figment, "metrics")?,
        log: part(&figment, "log")?,
    };
    match config.out_of_range() {
        None => Ok((config, origins)),
        Some((key, range)) => Err(ConfigError::Wrong {
            key: key.into(),
            origin: origins.of(key).unwrap_or("the default").into(),
            cause: format!("expected {range}"),
        }),
    }
}

fn part<T: DeserializeOwned>(figment: &Figment, section: &str) -> Result<T, ConfigError> {
    figment.extract_inner(section).map_err(|mut error| {
        // figment puts the section behind the path of the value.
        error.path.retain(|step| step != section);
        error.path.insert(0, section.to_owned());
        wrong(error)
    })
}

/// The file to read, if there is one. A file that was named must be readable; so must one that is found.
fn file(flags: &Flags) -> Result<Option<PathBuf>, ConfigError> {
    let found = || FILES.iter().map(PathBuf::from).find(|path| path.exists());
    let Some(path) = flags.config.clone().or_else(found) else {
        return Ok(None);
    };
    match std::fs::File::open(&path).and_then(|file| file.metadata()) {
        Ok(about) if about.is_file() => Ok(Some(path)),
        Ok(_) => Err(unreadable(&path, "it is no file")),
        Err(cause) => Err(unreadable(&path, cause)),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "a message is given as it is made")]
fn unreadable(path: &Path, cause: impl ToString) -> ConfigError {
    ConfigError::File {
        path: path.to_owned(),
        cause: cause.to_string(),
    }
}

fn defaults() -> toml::Table {
    let mut table = toml::Table::new();
    for section in sections() {
        let settings = section.settings.into_iter().filter(|setting| setting.is_default);
        let values = settings.map(|setting| (setting.name.to_owned(), setting.value));
        if section.name.is_empty() {
            table.extend(values);
        } else {
            table.insert(section.name.into(), toml::Value::Table(values.collect()));
        }
    }
    table
}

/// Checks every name, and notes where its value comes from.
fn origins(figment: &Figment) -> Result<BTreeMap<String, String>, ConfigError> {
    let known: BTreeMap<String, toml::Value> = known().collect();
    let all = figment.data().map_err(wrong)?;
    let mut origins = BTreeMap::new();
    for (key, value) in all.into_values().flat_map(|dict| leaves(dict, "", &known)) {
        let origin = figment
            .get_metadata(value.tag())
            .filter(|_| value.tag() != figment::value::Tag::Default)
            .map(|metadata| origin(metadata, &key));
        if !known.contains_key(&key) {
            return Err(ConfigError::Unknown {
                nearest: nearest(&key, known.keys()),
                origin: origin.unwrap_or_default(),
                key,
            });
        }
        if let Some(origin) = origin.filter(|origin| !origin.is_empty()) {
            origins.insert(key, origin);
        }
    }
    Ok(origins)
}

fn known() -> impl Iterator<Item = (String, toml::Value)> {
    sections().into_iter().flat_map(|section| {
        let settings = section.settings.clone();
        settings
            .into_iter()
            .map(move |setting| (section.key(&setting), setting.value))
    })
}

/// The settings in a tree of values; a table that is itself a setting is one leaf.
fn leaves(dict: Dict, path: &str, known: &BTreeMap<String, toml::Value>) -> Vec<(String, Value)> {
    dict.into_iter()
        .flat_map(|(name, value)| {
            let key = if path.is_empty() {
                name
            } else {
                format!("{path}.{name}")
            };
            match value {
                Value::Dict(_, inner) if !known.contains_key(&key) => leaves(inner, &key, known),
                leaf => vec![(key, leaf)],
            }
        })
        .collect()
}

fn origin(metadata: &Metadata, key: &str) -> String {
    match (&metadata.source, metadata.name.as_ref()) {
        (Some(source), _) if source.file_path().is_some() => source
            .file_path()
            .map(|path| path.display().to_string())
            .unwrap_or_default(),
        (_, ENVIRONMENT) => variable(key),
        (_, COMMAND_LINE) => COMMAND_LINE.into(),
        _ => String::new(),
    }
}

/// The variable that a setting can be given by.
pub(super) fn variable(key: &str) -> String {
    VARIABLES.iter().find(|(_, named)| *named == key).map_or_else(
        || format!("{PREFIX}{}", key.to_uppercase().replace('.', "__")),
        |(variable, _)| (*variable).to_owned(),
    )
}

/// The known name that is most like a wrong one, if one is like it at all.
fn nearest<'k>(wrong: &str, known: impl Iterator<Item = &'k String>) -> Option<String> {
    known
        .map(|name| (strsim::osa_distance(wrong, name), name))
        .filter(|(distance, name)| *distance <= 2.max(name.len() / 3))
        .min()
        .map(|(_, name)| name.clone())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn wrong(error: figment::Error) -> ConfigError {
    let key = error.path.join(".");
    if key.is_empty() {
        return ConfigError::Syntax(error.to_string());
    }
    let origin = error.metadata.as_ref().map(|metadata| origin(metadata, &key));
    ConfigError::Wrong {
        cause: error.kind.to_string(),
        origin: origin
            .filter(|origin| !origin.is_empty())
            .unwrap_or("the default".into()),
        key,
    }
}

const ENVIRONMENT: &str = "the environment";
const COMMAND_LINE: &str = "the command line";

/// Settings of the environment. An empty variable counts as absent.
struct Environment {
    values: Dict,
    strangers: Vec<String>,
}

impl Environment {
    fn read(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<Self, ConfigError> {
        let known: BTreeMap<String, toml::Value> = known().collect();
        let (mut dict, mut strangers) = (Dict::new(), Vec::new());
        for (name, text) in variables {
            let Some(name) = name
                .to_str()
                .filter(|name| name.starts_with(OURS) || key(name).is_some())
            else {
                continue;
            };
            let Some(key) = key(name) else {
                refuse_misspelt(name, known.keys())?;
                strangers.push(name.to_owned());
                continue;
            };
            let text = text.into_string().map_err(|_text| ConfigError::Wrong {
                key: key.clone(),
                origin: variable(&key),
                cause: "it is not UTF-8".into(),
            })?;
            if !text.is_empty() {
                insert(&mut dict, &key, parsed(&text, known.get(&key)));
            }
        }
        Ok(Self {
            values: dict,
            strangers,
        })
    }
}

/// Refuses a variable that is nearly one of ours. One that is called like nothing of ours belongs to somebody else:
/// Kubernetes and Docker set `KERMESSE_PORT` and more for a service of this name.
fn refuse_misspelt<'k>(name: &str, known: impl Iterator<Item = &'k String>) -> Result<(), ConfigError> {
    let plain = |name: &str| {
        let name = name.strip_prefix(OURS).unwrap_or(name).replace("__", "_");
        name.trim_matches('_').to_ascii_lowercase()
    };
    let ours: BTreeMap<String, String> = known.map(|key| (key.replace('.', "_"), variable(key))).collect();
    match nearest(&plain(name), ours.keys()).and_then(|like| ours.get(&like).cloned()) {
        None => Ok(()),
        nearest => Err(ConfigError::Unknown {
            key: name.to_owned(),
            origin: ENVIRONMENT.into(),
            nearest,
        }),
    }
}

/// The setting of a variable.
fn key(variable: &str) -> Option<String> {
    let named = VARIABLES.iter().find(|(name, _)| *name == variable);
    named.map(|(_, key)| (*key).to_owned()).or_else(|| {
        let rest = variable.strip_prefix(PREFIX)?;
        Some(rest.to_lowercase().replace("__", "."))
    })
}

/// A text is taken as it is where the setting is one; lists are separated by commas or written as in TOML, like the rest.
fn parsed(text: &str, like: Option<&toml::Value>) -> Value {
    let toml = || -> Option<toml::Value> {
        toml::from_str::<toml::Table>(&format!("value = {text}"))
            .ok()?
            .remove("value")
    };
    let value = match like {
        None | Some(toml::Value::String(_)) => None,
        Some(toml::Value::Array(_)) if !text.trim_start().starts_with('[') => {
            let items = text.split(',').map(|item| toml::Value::String(item.trim().to_owned()));
            Some(toml::Value::Array(items.collect()))
        }
        Some(_) => toml(),
    };
    value
        .and_then(|value| Value::serialize(value).ok())
        .unwrap_or_else(|| Value::from(text))
}

fn insert(dict: &mut Dict, key: &str, value: Value) {
    match key.split_once('.') {
        None => drop(dict.insert(key.to_owned(), value)),
        Some((section, rest)) => {
            let inner = dict.entry(section.to_owned()).or_insert_with(|| Dict::new().into());
            if let Value::Dict(_, inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named(ENVIRONMENT)
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// Settings of the command line.
struct Given<T>(Serialized<T>);

impl<T: Serialize> Provider for Given<T> {
    fn metadata(&self) -> Metadata {
        Metadata::named(COMMAND_LINE)
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        self.0.data()
    }
}
