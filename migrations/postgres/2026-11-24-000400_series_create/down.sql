DROP TABLE series_date;
DROP TABLE series;
