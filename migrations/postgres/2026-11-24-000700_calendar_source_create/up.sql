-- A calendar that events were brought from; url '' stands for files.
CREATE TABLE calendar_source (
    id uuid NOT NULL PRIMARY KEY,
    profile_id uuid NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    url text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    zone text COLLATE "C" NOT NULL,
    etag text COLLATE "C",
    last_modified text COLLATE "C",
    read_at timestamp,
    failures integer NOT NULL,
    failure text COLLATE "C",
    subscribed boolean NOT NULL,
    created_at timestamp NOT NULL,
    UNIQUE (profile_id, url)
);

-- What came of each entry; recurrence_key is '' for a single event and for a series as a whole.
CREATE TABLE import_item (
    calendar_source_id uuid NOT NULL REFERENCES calendar_source (id) ON DELETE CASCADE,
    uid text COLLATE "C" NOT NULL,
    recurrence_key text COLLATE "C" NOT NULL,
    event_id uuid REFERENCES event (id) ON DELETE CASCADE,
    series_id uuid REFERENCES series (id) ON DELETE CASCADE,
    digest text COLLATE "C" NOT NULL,
    gone_at timestamp,
    PRIMARY KEY (calendar_source_id, uid, recurrence_key)
);
CREATE INDEX import_item_event ON import_item (event_id);
CREATE INDEX import_item_series ON import_item (series_id);
