-- Work to do. due_at of a leased job is the end of its lease; failed_at: given up.
CREATE TABLE job (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedupe_key TEXT,
    due_at TEXT NOT NULL,
    lease BLOB,
    tries INTEGER NOT NULL,
    failed_at TEXT,
    error TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (kind, dedupe_key)
) STRICT;
CREATE INDEX job_due ON job (due_at, id) WHERE failed_at IS NULL;
CREATE INDEX job_dead ON job (failed_at) WHERE failed_at IS NOT NULL;
