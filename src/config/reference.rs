//! The settings as texts: the reference, an example of a file, and what is in force.

use super::{Config, Origins, sections, source};

const HEAD: &str = "<!-- Generated from src/config.rs by `kermesse config --reference`. -->

# Configuration

Every setting has a default that works on one machine.
Later places win: the defaults, a file, the environment, the command line.

- **File**: the one named by `--config`, else `./kermesse.toml`, else `/etc/kermesse/kermesse.toml`; none is fine.
  `kermesse config --example` prints one with every setting, also kept as `config.example.toml`.
- **Environment**: the variable beside each setting; `KERMESSE__SECTION__SETTING` in general.
  Lists are separated by commas.
  An empty variable counts as absent.
- **Command line**: `--listen`, `--public-url`, `--data-dir`, `--database`.

An unknown setting is an error that names the nearest known one: a site that starts with a misspelt address or database would look well and be wrong.
The same holds for a variable that is nearly one of ours, such as `KERMESSE_SITE_NAME`.
Other variables that begin with `KERMESSE_` set nothing, and are named in one line of the log: Kubernetes and Docker give a container some (`KERMESSE_PORT`) for a service of this name, and such a site must start.
`kermesse config` prints what is in force and where it comes from, without secrets; `kermesse check` says whether it works.
";

/// The page `docs/admin/configuration.md`.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for section in sections() {
        let title = if section.name.is_empty() {
            "At the top of the file".into()
        } else {
            format!("`[{}]`", section.name)
        };
        page.push_str(&format!("\n## {title}\n\n{}\n\n", section.about.replace(". ", ".\n")));
        page.push_str("| Setting | Default | What it does | Variable |\n| --- | --- | --- | --- |\n");
        for setting in &section.settings {
            let default = if setting.is_default {
                format!("`{}`", setting.value)
            } else {
                format!("not set, like `{}`", setting.value)
            };
            let variable = source::variable(&section.key(setting));
            page.push_str(&format!(
                "| `{}` | {default} | {} | `{variable}` |\n",
                setting.name, setting.about
            ));
        }
    }
    page
}

/// The file `config.example.toml`: every setting, in comments.
pub fn example() -> String {
    let mut file = "# Settings of Kermesse. Remove the # before what you want to change; what is shown are the defaults, or examples\n\
                    # where there is none. The reference with every variable is docs/admin/configuration.md.\n"
        .to_owned();
    for section in sections() {
        if !section.name.is_empty() {
            file.push_str(&format!("\n{}[{}]\n", comment(&section.about), section.name));
        }
        for setting in &section.settings {
            let about = if setting.is_default {
                setting.about.clone()
            } else {
                format!("{} For example:", setting.about)
            };
            file.push_str(&format!(
                "\n{}# {} = {}\n",
                comment(&about),
                setting.name,
                setting.value
            ));
        }
    }
    file
}

/// What is in force, as a file that gives the same (but for secrets), with where each setting comes from.
pub fn effective(config: &Config, origins: &Origins) -> String {
    let values = toml::Table::try_from(config).unwrap_or_default();
    let mut file = String::new();
    for section in sections() {
        if !section.name.is_empty() {
            file.push_str(&format!("\n[{}]\n", section.name));
        }
        let table = if section.name.is_empty() {
            Some(&values)
        } else {
            values.get(section.name).and_then(toml::Value::as_table)
        };
        for setting in &section.settings {
            let Some(value) = table.and_then(|table| table.get(setting.name)) else {
                continue;
            };
            let origin = origins.of(&section.key(setting)).map(|from| format!(" # {from}"));
            file.push_str(&format!("{} = {value}{}\n", setting.name, origin.unwrap_or_default()));
        }
    }
    file
}

/// A text as lines of comment, at most 100 characters each.
fn comment(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split(' ') {
        if lines
            .last()
            .is_some_and(|line| line.chars().count() + word.chars().count() > 99)
        {
            lines.push("#".into());
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}
