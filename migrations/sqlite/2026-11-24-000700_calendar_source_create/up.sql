-- A calendar that events were brought from; url '' stands for files.
CREATE TABLE calendar_source (
    id BLOB NOT NULL PRIMARY KEY,
    profile_id BLOB NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    read_at TEXT,
    failures INTEGER NOT NULL,
    failure TEXT,
    subscribed INTEGER NOT NULL CHECK (subscribed IN (0, 1)),
    created_at TEXT NOT NULL,
    UNIQUE (profile_id, url)
) STRICT;

-- What came of each entry; recurrence_key is '' for a single event and for a series as a whole.
CREATE TABLE import_item (
    calendar_source_id BLOB NOT NULL REFERENCES calendar_source (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    recurrence_key TEXT NOT NULL,
    event_id BLOB REFERENCES event (id) ON DELETE CASCADE,
    series_id BLOB REFERENCES series (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    gone_at TEXT,
    PRIMARY KEY (calendar_source_id, uid, recurrence_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_item_event ON import_item (event_id);
CREATE INDEX import_item_series ON import_item (series_id);
