ALTER TABLE profile DROP CONSTRAINT profile_avatar_id_fkey;
ALTER TABLE profile DROP CONSTRAINT profile_banner_id_fkey;
DROP TABLE media;
