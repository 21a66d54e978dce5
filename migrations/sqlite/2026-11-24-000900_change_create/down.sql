DROP TABLE change;
