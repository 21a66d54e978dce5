-- Events, and the occurrences of series. local_begin, local_end and zone are the truth; begins_at and over_at follow.
CREATE TABLE event (
    id uuid NOT NULL PRIMARY KEY,
    series_id uuid REFERENCES series (id) ON DELETE CASCADE,
    recurrence_key text COLLATE "C",
    detached text COLLATE "C" NOT NULL,
    organizer_id uuid NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    group_id uuid REFERENCES profile (id) ON DELETE CASCADE,
    title text COLLATE "C" NOT NULL CHECK (length(title) <= 200),
    local_begin text COLLATE "C" NOT NULL,
    local_end text COLLATE "C",
    zone text COLLATE "C" NOT NULL,
    all_day boolean NOT NULL,
    begins_at timestamp NOT NULL,
    over_at timestamp NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('draft', 'published', 'deleted')),
    status text COLLATE "C" NOT NULL CHECK (status IN ('tentative', 'confirmed', 'cancelled')),
    visibility text COLLATE "C" NOT NULL CHECK (visibility IN ('public', 'unlisted', 'followers', 'members', 'invited', 'link')),
    listing text COLLATE "C" NOT NULL CHECK (listing IN ('none', 'short', 'long')),
    category text COLLATE "C" NOT NULL,
    language text COLLATE "C",
    attendance text COLLATE "C" NOT NULL CHECK (attendance IN ('in_person', 'online', 'hybrid')),
    online_address text COLLATE "C",
    place_id uuid REFERENCES place (id) ON DELETE SET NULL,
    cell integer,
    picture_id uuid REFERENCES media (id) ON DELETE SET NULL,
    details text COLLATE "C" NOT NULL,
    sequence integer NOT NULL,
    ical_uid text COLLATE "C" NOT NULL UNIQUE,
    version integer NOT NULL,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    UNIQUE (series_id, recurrence_key),
    CHECK ((series_id IS NULL) = (recurrence_key IS NULL)),
    CHECK (over_at >= begins_at),
    CHECK (listing = 'none' OR (state = 'published' AND visibility = 'public'))
);
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
    event_id uuid NOT NULL PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
    description text COLLATE "C" NOT NULL
);
