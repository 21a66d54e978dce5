-- A rule of repetition and what its occurrences have in common. Occurrences are rows of event.
CREATE TABLE series (
    id BLOB NOT NULL PRIMARY KEY,
    organizer_id BLOB NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    group_id BLOB REFERENCES profile (id) ON DELETE CASCADE,
    zone TEXT NOT NULL,
    start_local TEXT NOT NULL,
    all_day INTEGER NOT NULL CHECK (all_day IN (0, 1)),
    duration_s INTEGER CHECK (duration_s >= 0),
    rule TEXT NOT NULL,
    template TEXT NOT NULL,
    picture_id BLOB REFERENCES media (id) ON DELETE RESTRICT, -- that of the template, which shows it when no row does
    horizon_local TEXT NOT NULL,
    continues_series_id BLOB REFERENCES series (id) ON DELETE SET NULL,
    ical_uid TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX series_organizer ON series (organizer_id);
CREATE INDEX series_group ON series (group_id);
CREATE INDEX series_continues ON series (continues_series_id);
CREATE INDEX series_picture ON series (picture_id);
CREATE INDEX series_horizon ON series (horizon_local, id);

-- Dates added to the rule and dates left out; the key is the original local start.
CREATE TABLE series_date (
    series_id BLOB NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    recurrence_key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('add', 'skip')),
    PRIMARY KEY (series_id, recurrence_key)
) STRICT, WITHOUT ROWID;
