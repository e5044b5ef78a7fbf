-- Times are milliseconds since 1970. Digests are their canonical text, which sorts in ASCII order.
CREATE TABLE repositories (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

-- A digest points at the object that holds its bytes: the indirection that makes a commit one row.
CREATE TABLE blobs (
  id          INTEGER PRIMARY KEY,
  digest      TEXT NOT NULL UNIQUE,
  size        INTEGER NOT NULL,
  storage_key TEXT NOT NULL UNIQUE,
  created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE repository_blobs (
  repository_id INTEGER NOT NULL REFERENCES repositories (id),
  blob_id       INTEGER NOT NULL REFERENCES blobs (id),
  linked_at     INTEGER NOT NULL,
  PRIMARY KEY (repository_id, blob_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX repository_blobs_by_blob ON repository_blobs (blob_id);

-- Unsigned: the signature is made when the map is served, so that a new cluster key needs no rewrite.
CREATE TABLE piece_maps (
  blob_id INTEGER PRIMARY KEY REFERENCES blobs (id) ON DELETE CASCADE,
  encoded BLOB NOT NULL
) STRICT;

CREATE TABLE uploads (
  id          TEXT PRIMARY KEY,
  repository  TEXT NOT NULL,
  storage_key TEXT NOT NULL UNIQUE,
  started_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_by_start ON uploads (started_at);

-- Objects that no row points at any more and that are still to be deleted.
CREATE TABLE doomed_objects (
  storage_key TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE manifests (
  id            INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repositories (id),
  digest        TEXT NOT NULL,
  media_type    TEXT NOT NULL,
  subject       TEXT,
  artifact_type TEXT,
  annotations   TEXT NOT NULL,
  size          INTEGER NOT NULL,
  pushed_at     INTEGER NOT NULL,
  content       BLOB NOT NULL,
  UNIQUE (repository_id, digest)
) STRICT;
CREATE INDEX manifests_by_subject ON manifests (repository_id, subject, digest)
  WHERE subject IS NOT NULL;

CREATE TABLE manifest_references (
  manifest_id INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
  kind        INTEGER NOT NULL, -- 1 blob, 2 manifest
  digest      TEXT NOT NULL,
  PRIMARY KEY (manifest_id, kind, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX manifest_references_by_digest ON manifest_references (digest);

CREATE TABLE tags (
  repository_id INTEGER NOT NULL REFERENCES repositories (id),
  name          TEXT NOT NULL,
  manifest_id   INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
  updated_at    INTEGER NOT NULL,
  PRIMARY KEY (repository_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_by_manifest ON tags (manifest_id);

CREATE TABLE users (
  name       TEXT PRIMARY KEY,
  password   TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
