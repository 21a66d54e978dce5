-- Where events happen. Two places with one match_key within 200 m are the same.
CREATE TABLE place (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    street TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    locality TEXT NOT NULL,
    region TEXT NOT NULL,
    country TEXT NOT NULL,
    latitude REAL CHECK (latitude BETWEEN -90 AND 90),
    longitude REAL CHECK (longitude BETWEEN -180 AND 180),
    cell INTEGER,
    -- Whether the position is only that of the town: good for distances, not for a map.
    in_town INTEGER NOT NULL CHECK (in_town IN (0, 1)),
    zone TEXT,
    url TEXT,
    match_key TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CHECK ((latitude IS NULL) = (cell IS NULL))
) STRICT;
CREATE INDEX place_match ON place (match_key, id);
CREATE INDEX place_cell ON place (cell);
