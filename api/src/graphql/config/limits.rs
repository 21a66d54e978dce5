//! What one may do on a site, and how much of it.

use async_graphql::{ID, SimpleObject};

/// The most bytes of a picture.
const MOST_PICTURE: i32 = 10_000_000;

/// What one may do without an account.
#[derive(SimpleObject)]
pub(super) struct Anonymous {
    /// Taking part in events.
    participation: AnonymousParticipation,
    /// Announcing events.
    event_creation: AnonymousEventCreation,
    /// Reporting what breaks the rules.
    reports: AnonymousReports,
    /// The actor that stands for all who have no account.
    actor_id: Option<ID>,
}

impl Anonymous {
    /// Without an account one reads.
    pub(super) fn reads() -> Self {
        Self {
            participation: AnonymousParticipation {
                allowed: false,
                validation: AnonymousParticipationValidation {
                    email: AnonymousParticipationValidationEmail {
                        enabled: false,
                        confirmation_required: false,
                    },
                    captcha: AnonymousParticipationValidationCaptcha { enabled: false },
                },
            },
            event_creation: AnonymousEventCreation {
                allowed: false,
                validation: AnonymousEventCreationValidation {
                    email: AnonymousEventCreationValidationEmail {
                        enabled: false,
                        confirmation_required: false,
                    },
                    captcha: AnonymousEventCreationValidationCaptcha { enabled: false },
                },
            },
            reports: AnonymousReports { allowed: false },
            actor_id: None,
        }
    }
}

/// Taking part in events without an account.
#[derive(SimpleObject)]
struct AnonymousParticipation {
    /// Whether one may.
    allowed: bool,
    /// What one is asked for.
    validation: AnonymousParticipationValidation,
}

/// What one is asked for who takes part without an account.
#[derive(SimpleObject)]
struct AnonymousParticipationValidation {
    /// An e-mail address.
    email: AnonymousParticipationValidationEmail,
    /// A proof of being human.
    captcha: AnonymousParticipationValidationCaptcha,
}

/// Whether one is asked for an e-mail address.
#[derive(SimpleObject)]
struct AnonymousParticipationValidationEmail {
    /// Whether one is.
    enabled: bool,
    /// Whether a mail to it must be answered.
    confirmation_required: bool,
}

/// Whether one is asked for a proof of being human.
#[derive(SimpleObject)]
struct AnonymousParticipationValidationCaptcha {
    /// Whether one is.
    enabled: bool,
}

/// Announcing events without an account.
#[derive(SimpleObject)]
struct AnonymousEventCreation {
    /// Whether one may.
    allowed: bool,
    /// What one is asked for.
    validation: AnonymousEventCreationValidation,
}

/// What one is asked for who announces events without an account.
#[derive(SimpleObject)]
struct AnonymousEventCreationValidation {
    /// An e-mail address.
    email: AnonymousEventCreationValidationEmail,
    /// A proof of being human.
    captcha: AnonymousEventCreationValidationCaptcha,
}

/// Whether one is asked for an e-mail address.
#[derive(SimpleObject)]
struct AnonymousEventCreationValidationEmail {
    /// Whether one is.
    enabled: bool,
    /// Whether a mail to it must be answered.
    confirmation_required: bool,
}

/// Whether one is asked for a proof of being human.
#[derive(SimpleObject)]
struct AnonymousEventCreationValidationCaptcha {
    /// Whether one is.
    enabled: bool,
}

/// Reporting without an account.
#[derive(SimpleObject)]
struct AnonymousReports {
    /// Whether one may.
    allowed: bool,
}

/// How large files may be, in bytes.
#[derive(SimpleObject)]
pub(super) struct UploadLimits {
    /// Any picture.
    default: i32,
    /// A small picture of a profile.
    avatar: i32,
    /// A wide picture of a profile.
    banner: i32,
}

impl UploadLimits {
    pub(super) fn usual() -> Self {
        Self {
            default: MOST_PICTURE,
            avatar: MOST_PICTURE,
            banner: MOST_PICTURE,
        }
    }
}

/// What one can do on a site.
#[derive(SimpleObject)]
#[expect(clippy::struct_excessive_bools, reason = "Mobilizon's programs read them so")]
pub(super) struct Features {
    /// Reading what groups do.
    groups: bool,
    /// Announcing events.
    event_creation: bool,
    /// Announcing events that one takes part in elsewhere.
    event_external: bool,
    /// Whether what is written is looked through for advertising.
    antispam: bool,
}

impl Features {
    pub(super) fn of_today() -> Self {
        Self {
            groups: true,
            event_creation: false,
            event_external: true,
            antispam: false,
        }
    }
}

/// What only some may do on a site.
#[derive(SimpleObject)]
pub(super) struct Restrictions {
    /// Whether only administrators make groups.
    only_admin_can_create_groups: bool,
    /// Whether only groups announce events.
    only_groups_can_create_events: bool,
}

impl Restrictions {
    pub(super) fn of_today() -> Self {
        Self {
            only_admin_can_create_groups: true,
            only_groups_can_create_events: false,
        }
    }
}

/// How one signs in.
#[derive(SimpleObject)]
pub(super) struct Auth {
    /// With an account of an organization (LDAP).
    ldap: bool,
    /// With an account of the site.
    database_login: bool,
    /// With an account elsewhere.
    oauth_providers: Vec<OauthProvider>,
}

impl Auth {
    pub(super) fn none() -> Self {
        Self {
            ldap: false,
            database_login: false,
            oauth_providers: Vec::new(),
        }
    }
}

/// A site whose accounts one can sign in with.
#[derive(SimpleObject)]
struct OauthProvider {
    /// For programs.
    id: String,
    /// For people.
    label: String,
}

/// As what lists can be taken away.
#[derive(SimpleObject)]
pub(super) struct ExportFormats {
    /// Lists of who takes part.
    event_participants: Vec<String>,
}

impl ExportFormats {
    pub(super) fn none() -> Self {
        Self {
            event_participants: Vec::new(),
        }
    }
}
