-- What happened, line by line.
CREATE TABLE change (
    id uuid NOT NULL PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    subject uuid NOT NULL,
    profile_id uuid REFERENCES profile (id) ON DELETE SET NULL,
    at timestamp NOT NULL
);
CREATE INDEX change_subject ON change (subject, id);
CREATE INDEX change_profile ON change (profile_id, id);
