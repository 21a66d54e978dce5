CREATE TABLE tag (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL
) STRICT;

CREATE TABLE event_tag (
    event_id BLOB NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    tag_id BLOB NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (event_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_tag_tag ON event_tag (tag_id, event_id);
