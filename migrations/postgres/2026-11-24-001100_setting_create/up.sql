-- What is set in the pages of the site; the file holds what an operator sets.
CREATE TABLE setting (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    value text COLLATE "C" NOT NULL,
    updated_at timestamp NOT NULL
);
