-- Public actors, of here (domain '') and elsewhere.
CREATE TABLE profile (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('person', 'group', 'application')),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 256),
    domain TEXT NOT NULL,
    display_name TEXT NOT NULL,
    summary TEXT NOT NULL,
    avatar_id BLOB REFERENCES media (id) ON DELETE SET NULL,
    banner_id BLOB REFERENCES media (id) ON DELETE SET NULL,
    zone TEXT,
    language TEXT,
    discoverable INTEGER NOT NULL CHECK (discoverable IN (0, 1)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (name, domain)
) STRICT;
CREATE INDEX profile_avatar ON profile (avatar_id);
CREATE INDEX profile_banner ON profile (banner_id);
CREATE INDEX profile_kind ON profile (kind, name, id);

CREATE TABLE profile_key (
    profile_id BLOB NOT NULL PRIMARY KEY REFERENCES profile (id) ON DELETE CASCADE,
    public_pem TEXT NOT NULL,
    sealed_private BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
