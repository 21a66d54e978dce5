-- Public actors, of here (domain '') and elsewhere.
CREATE TABLE profile (
    id uuid NOT NULL PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('person', 'group', 'application')),
    name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 256),
    domain text COLLATE "C" NOT NULL,
    display_name text COLLATE "C" NOT NULL,
    summary text COLLATE "C" NOT NULL,
    avatar_id uuid,
    banner_id uuid,
    zone text COLLATE "C",
    language text COLLATE "C",
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
    public_pem text COLLATE "C" NOT NULL,
    sealed_private bytea NOT NULL,
    created_at timestamp NOT NULL
);
