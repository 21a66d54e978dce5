-- A rule of repetition and what its occurrences have in common. Occurrences are rows of event.
CREATE TABLE series (
    id uuid NOT NULL PRIMARY KEY,
    organizer_id uuid NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    group_id uuid REFERENCES profile (id) ON DELETE CASCADE,
    zone text COLLATE "C" NOT NULL,
    start_local text COLLATE "C" NOT NULL,
    all_day boolean NOT NULL,
    duration_s bigint CHECK (duration_s >= 0),
    rule text COLLATE "C" NOT NULL,
    template text COLLATE "C" NOT NULL,
    picture_id uuid REFERENCES media (id) ON DELETE RESTRICT, -- that of the template, which shows it when no row does
    horizon_local text COLLATE "C" NOT NULL,
    continues_series_id uuid REFERENCES series (id) ON DELETE SET NULL,
    ical_uid text COLLATE "C" NOT NULL UNIQUE,
    version integer NOT NULL,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL
);
CREATE INDEX series_organizer ON series (organizer_id);
CREATE INDEX series_group ON series (group_id);
CREATE INDEX series_continues ON series (continues_series_id);
CREATE INDEX series_picture ON series (picture_id);
CREATE INDEX series_horizon ON series (horizon_local, id);

-- Dates added to the rule and dates left out; the key is the original local start.
CREATE TABLE series_date (
    series_id uuid NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    recurrence_key text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('add', 'skip')),
    PRIMARY KEY (series_id, recurrence_key)
);
