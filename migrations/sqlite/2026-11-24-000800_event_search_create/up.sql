-- Normalised words of what can be found. The text index is the database's own: FTS5 or tsvector. id: the second in
-- which the event is over, then 20 bits of its own, so that matches can be read in the order of time.
CREATE TABLE event_search (
    id INTEGER NOT NULL PRIMARY KEY,
    event_id BLOB NOT NULL UNIQUE REFERENCES event (id) ON DELETE CASCADE,
    title_words TEXT NOT NULL,
    other_words TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE event_words USING fts5 (
    title, other, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii', prefix = '2 3'
);

-- How often each word is used, for "did you mean".
CREATE TABLE search_word (
    word TEXT NOT NULL PRIMARY KEY,
    uses INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
