-- Which plan of the settings an organisation is on; NULL for none of its own.
ALTER TABLE organisations ADD COLUMN plan TEXT;
