-- Pictures: re-encoded files under names of ours. source_url: where one of another server comes from.
CREATE TABLE media (
    id BLOB NOT NULL PRIMARY KEY,
    profile_id BLOB REFERENCES profile (id) ON DELETE SET NULL,
    status TEXT NOT NULL CHECK (status IN ('wanted', 'ready', 'failed')),
    source_url TEXT,
    alt TEXT NOT NULL,
    content_type TEXT,
    byte_size INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    blurhash TEXT,
    focal_x REAL NOT NULL,
    focal_y REAL NOT NULL,
    files TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CHECK (status <> 'ready' OR (content_type IS NOT NULL AND width IS NOT NULL AND height IS NOT NULL))
) STRICT;
CREATE INDEX media_profile ON media (profile_id);
CREATE INDEX media_source ON media (source_url);
