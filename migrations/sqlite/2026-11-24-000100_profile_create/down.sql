DROP TABLE profile_key;
DROP TABLE profile;
