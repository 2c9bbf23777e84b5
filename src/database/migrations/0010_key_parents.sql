-- Which key made a key: what the child spends counts for its parents too.
ALTER TABLE api_keys ADD COLUMN parent_id TEXT REFERENCES api_keys (id);
