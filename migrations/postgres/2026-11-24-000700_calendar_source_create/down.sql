DROP TABLE import_item;
DROP TABLE calendar_source;
