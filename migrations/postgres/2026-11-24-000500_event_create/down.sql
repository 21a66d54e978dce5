DROP TABLE event_text;
DROP TABLE event;
