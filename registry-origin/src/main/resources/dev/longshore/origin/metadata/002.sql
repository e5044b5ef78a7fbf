-- A layer that is to have an index, has one, or can have none for a reason that stays: a version that
-- can index more layers forgets the reasons in its migration.
-- Whoever may pull the layer from a repository may pull its index from there (metadata.Blobs).
CREATE TABLE layer_indexes (
  layer_id INTEGER PRIMARY KEY REFERENCES blobs (id) ON DELETE CASCADE,
  index_id INTEGER REFERENCES blobs (id),
  reason   TEXT,
  CHECK (index_id IS NULL OR reason IS NULL)
) STRICT;
CREATE INDEX layer_indexes_by_index ON layer_indexes (index_id) WHERE index_id IS NOT NULL;
CREATE INDEX layer_indexes_wanted ON layer_indexes (layer_id)
  WHERE index_id IS NULL AND reason IS NULL;
