-- Pictures: re-encoded files under names of ours. source_url: where one of another server comes from.
CREATE TABLE media (
    id uuid NOT NULL PRIMARY KEY,
    profile_id uuid REFERENCES profile (id) ON DELETE SET NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('wanted', 'ready', 'failed')),
    source_url text COLLATE "C",
    alt text COLLATE "C" NOT NULL,
    content_type text COLLATE "C",
    byte_size bigint NOT NULL,
    width integer,
    height integer,
    blurhash text COLLATE "C",
    focal_x double precision NOT NULL,
    focal_y double precision NOT NULL,
    files text COLLATE "C" NOT NULL,
    created_at timestamp NOT NULL,
    CHECK (status <> 'ready' OR (content_type IS NOT NULL AND width IS NOT NULL AND height IS NOT NULL))
);
CREATE INDEX media_profile ON media (profile_id);
CREATE INDEX media_source ON media (source_url);

ALTER TABLE profile ADD CONSTRAINT profile_avatar_id_fkey FOREIGN KEY (avatar_id) REFERENCES media (id) ON DELETE SET NULL;
ALTER TABLE profile ADD CONSTRAINT profile_banner_id_fkey FOREIGN KEY (banner_id) REFERENCES media (id) ON DELETE SET NULL;
