-- Public actors, of here (domain '') and elsewhere.
CREATE TABLE profile (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('person', 'group', 'application')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 256),
    domain text NOT NULL,
    display_name text NOT NULL,
    summary text NOT NULL,
    avatar_id uuid,
    banner_id uuid,
    zone text,
    language text,
    discoverable boolean NOT NULL,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    UNIQUE (name, domain)
);
CREATE INDEX profile_avatar ON profile (avatar_id);
CREATE INDEX profile_banner ON profile (banner_id);
CREATE INDEX profile_kind ON profile (kind, name, id);

CREATE TABLE profile_key (
    profile_id uuid NOT NULL PRIMARY KEY REFERENCES profile (id) ON DELETE CASCADE,
    public_pem text NOT NULL,
    sealed_private bytea NOT NULL,
    created_at timestamp NOT NULL
);
