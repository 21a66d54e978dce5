DROP TABLE search_word;
DROP TABLE event_search;
