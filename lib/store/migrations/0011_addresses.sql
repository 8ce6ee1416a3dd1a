-- From where somebody came to a session on a terminal, and with which addresses its host called
-- others: keyed hashes, to be held against those of API calls.
CREATE TABLE session_addresses (
  session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
  place TEXT NOT NULL CHECK (place IN ('client', 'host')),
  address_hash TEXT NOT NULL,
  family INTEGER NOT NULL CHECK (family IN (4, 6)),
  reach TEXT NOT NULL CHECK (reach IN ('public', 'private')),
  PRIMARY KEY (session_id, place, address_hash)
) STRICT, WITHOUT ROWID;

-- Set where two identities show the same commands in the same moments; such a pair is never more
-- than low.
ALTER TABLE correlations ADD COLUMN other_identity TEXT;
-- Nothing asks for it, and each row costs a leaf of it.
DROP INDEX correlations_by_identity;
