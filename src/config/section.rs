//! How a section of settings is declared once and used three times.

/// A setting: what the reference, the example and the check of names know about it.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// The name in its section.
    pub(super) name: &'static str,
    /// What it does, in sentences.
    pub(super) about: String,
    /// The default, or where there is none, an example.
    pub(super) value: toml::Value,
    /// Whether `value` is the default.
    pub(super) is_default: bool,
}

/// A section: its name in the file (empty for the top), what it is about, and its settings.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) about: String,
    pub(super) settings: Vec<Setting>,
}

impl Section {
    /// The full name of one of its settings: `site.name`.
    pub(super) fn key(&self, setting: &Setting) -> String {
        if self.name.is_empty() {
            setting.name.to_owned()
        } else {
            format!("{}.{}", self.name, setting.name)
        }
    }
}

/// The lines of a documentation comment as one text.
pub(super) fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// A value as TOML writes it.
pub(super) fn written(value: impl serde::Serialize) -> toml::Value {
    toml::Value::try_from(value).unwrap_or_else(|_| toml::Value::Table(toml::Table::new()))
}

/// Declares a section.
///
/// ```text
/// section! {
///     /// The character of the site.
///     pub struct Site in "site" {
///         /// Its name.
///         name: String = "Kermesse";
///         /// Where to write to.
///         contact: Option<String> [like "bonjour@kermesse.example"];
///     }
/// }
/// ```
/// expands to `pub struct Site { pub name: String, pub contact: Option<String> }`, which serde reads, and to
/// `Site::section()`, which tells names, documentation, defaults and, where there is no default, an example.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $section:ident in $in:literal {
            $($(#[doc = $doc:literal])+ $name:ident: $type:ty $([like $example:expr])? $(= $default:expr)? ;)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
        pub struct $section {
            $(
                $(#[doc = $doc])+
                $(#[doc = concat!(" For example ", stringify!($example), ".")] #[serde(default)])?
                pub $name: $type,
            )+
        }

        impl $section {
            fn section() -> $crate::config::section::Section {
                use $crate::config::section::{Section, Setting, joined, written};
                Section {
                    name: $in,
                    about: joined(&[$($about),+]),
                    settings: vec![$(Setting {
                        name: stringify!($name),
                        about: joined(&[$($doc),+]),
                        $(value: written($default), is_default: true,)?
                        $(value: written($example), is_default: false,)?
                    }),+],
                }
            }
        }
    };
}
pub(super) use section;
