DROP TABLE search_word;
DROP TABLE event_words;
DROP TABLE event_search;
