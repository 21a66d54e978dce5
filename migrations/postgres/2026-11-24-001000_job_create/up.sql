-- Work to do. due_at of a leased job is the end of its lease; failed_at: given up.
CREATE TABLE job (
    id uuid NOT NULL PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    payload text COLLATE "C" NOT NULL,
    dedupe_key text COLLATE "C",
    due_at timestamp NOT NULL,
    lease uuid,
    tries integer NOT NULL,
    failed_at timestamp,
    error text COLLATE "C",
    created_at timestamp NOT NULL,
    UNIQUE (kind, dedupe_key)
);
CREATE INDEX job_due ON job (due_at, id) WHERE failed_at IS NULL;
CREATE INDEX job_dead ON job (failed_at) WHERE failed_at IS NOT NULL;
