DROP TABLE event_tag;
DROP TABLE tag;
