CREATE TABLE tag (
    id uuid NOT NULL PRIMARY KEY,
    slug text COLLATE "C" NOT NULL UNIQUE,
    title text COLLATE "C" NOT NULL
);

CREATE TABLE event_tag (
    event_id uuid NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    tag_id uuid NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    position integer NOT NULL,
    PRIMARY KEY (event_id, tag_id)
);
CREATE INDEX event_tag_tag ON event_tag (tag_id, event_id);
