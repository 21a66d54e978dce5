-- Events, and the occurrences of series. local_begin, local_end and zone are the truth; begins_at and over_at follow.
CREATE TABLE event (
    id BLOB NOT NULL PRIMARY KEY,
    series_id BLOB REFERENCES series (id) ON DELETE CASCADE,
    recurrence_key TEXT,
    detached TEXT NOT NULL,
    organizer_id BLOB NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    group_id BLOB REFERENCES profile (id) ON DELETE CASCADE,
    title TEXT NOT NULL CHECK (length(title) <= 200),
    local_begin TEXT NOT NULL,
    local_end TEXT,
    zone TEXT NOT NULL,
    all_day INTEGER NOT NULL CHECK (all_day IN (0, 1)),
    begins_at TEXT NOT NULL,
    over_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'deleted')),
    status TEXT NOT NULL CHECK (status IN ('tentative', 'confirmed', 'cancelled')),
    visibility TEXT NOT NULL CHECK (visibility IN ('public', 'unlisted', 'followers', 'members', 'invited', 'link')),
    listing TEXT NOT NULL CHECK (listing IN ('none', 'short', 'long')),
    category TEXT NOT NULL,
    language TEXT,
    attendance TEXT NOT NULL CHECK (attendance IN ('in_person', 'online', 'hybrid')),
    online_address TEXT,
    place_id BLOB REFERENCES place (id) ON DELETE SET NULL,
    cell INTEGER,
    picture_id BLOB REFERENCES media (id) ON DELETE SET NULL,
    details TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    ical_uid TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (series_id, recurrence_key),
    CHECK ((series_id IS NULL) = (recurrence_key IS NULL)),
    CHECK (over_at >= begins_at),
    CHECK (listing = 'none' OR (state = 'published' AND visibility = 'public'))
) STRICT;
-- over_at: events of the last week that are over are passed without reading their rows.
CREATE INDEX event_listing ON event (listing, begins_at, id, over_at);
CREATE INDEX event_category ON event (listing, category, begins_at, id);
CREATE INDEX event_cell ON event (cell, listing, begins_at);
CREATE INDEX event_organizer ON event (organizer_id, begins_at, id);
CREATE INDEX event_group ON event (group_id, begins_at, id);
CREATE INDEX event_place ON event (place_id, begins_at, id);
CREATE INDEX event_picture ON event (picture_id);
CREATE INDEX event_created ON event (listing, created_at, id);
CREATE INDEX event_updated ON event (listing, updated_at, id);

-- The long text, apart, so that lists do not read it.
CREATE TABLE event_text (
    event_id BLOB NOT NULL PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
    description TEXT NOT NULL
) STRICT;
