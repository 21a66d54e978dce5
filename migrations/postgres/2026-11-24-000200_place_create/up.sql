-- Where events happen. Two places with one match_key within 200 m are the same.
CREATE TABLE place (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    street text COLLATE "C" NOT NULL,
    postal_code text COLLATE "C" NOT NULL,
    locality text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    country text COLLATE "C" NOT NULL,
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    cell integer,
    -- Whether the position is only that of the town: good for distances, not for a map.
    in_town boolean NOT NULL,
    zone text COLLATE "C",
    url text COLLATE "C",
    match_key text COLLATE "C" NOT NULL,
    created_at timestamp NOT NULL,
    CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CHECK ((latitude IS NULL) = (cell IS NULL))
);
CREATE INDEX place_match ON place (match_key, id);
CREATE INDEX place_cell ON place (cell);
