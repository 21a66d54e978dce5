-- What happened, line by line.
CREATE TABLE change (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    profile_id BLOB REFERENCES profile (id) ON DELETE SET NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX change_subject ON change (subject, id);
CREATE INDEX change_profile ON change (profile_id, id);
