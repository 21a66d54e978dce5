-- Normalised words of what can be found. The text index is the database's own: FTS5 or tsvector. id: the second in
-- which the event is over, then 20 bits of its own, so that matches can be read in the order of time.
CREATE TABLE event_search (
    id bigint NOT NULL PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE REFERENCES event (id) ON DELETE CASCADE,
    title_words text COLLATE "C" NOT NULL,
    other_words text COLLATE "C" NOT NULL
    , words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple'::regconfig, title_words), 'A')
        || setweight(to_tsvector('simple'::regconfig, other_words), 'D')
    ) STORED
);
CREATE INDEX event_search_words ON event_search USING gin (words);

-- How often each word is used, for "did you mean".
CREATE TABLE search_word (
    word text COLLATE "C" NOT NULL PRIMARY KEY,
    uses integer NOT NULL
);
