CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE notes (
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE sources (
	source_id TEXT NOT NULL,
	state TEXT NOT NULL,
	PRIMARY KEY (source_id)
);
CREATE TABLE entries (
	id INTEGER NOT NULL,
	source_id TEXT NOT NULL,
	"key" TEXT NOT NULL,
	first_seen BIGINT NOT NULL,
	published BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	fingerprint TEXT NOT NULL,
	significant TEXT NOT NULL,
	entry_id TEXT NOT NULL,
	link TEXT NOT NULL,
	title TEXT NOT NULL,
	removed BOOLEAN NOT NULL, arrival INTEGER,
	PRIMARY KEY (id),
	UNIQUE (source_id, "key"),
	FOREIGN KEY(source_id) REFERENCES sources (source_id)
);
CREATE INDEX entries_by_arrival ON entries (first_seen, source_id, "key");
CREATE INDEX entries_by_entry_id ON entries (entry_id);
CREATE INDEX entries_by_link ON entries (link);
CREATE TABLE aliases (
	source_id TEXT NOT NULL,
	other TEXT NOT NULL,
	"key" TEXT NOT NULL,
	PRIMARY KEY (source_id, other),
	FOREIGN KEY(source_id, "key") REFERENCES entries (source_id, "key")
);
CREATE TABLE bodies (
	entry INTEGER NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (entry),
	FOREIGN KEY(entry) REFERENCES entries (id)
);
CREATE TABLE revisions (
	id INTEGER NOT NULL,
	entry INTEGER NOT NULL,
	published BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	fingerprint TEXT NOT NULL,
	significant TEXT NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(entry) REFERENCES entries (id)
);
CREATE INDEX revisions_by_entry ON revisions (entry);
CREATE TABLE derived (
	entry INTEGER NOT NULL,
	signer TEXT,
	url_key TEXT,
	text_key TEXT,
	tags TEXT,
	editions TEXT, booked BOOLEAN DEFAULT 0 NOT NULL,
	PRIMARY KEY (entry),
	FOREIGN KEY(entry) REFERENCES entries (id)
);
CREATE INDEX derived_by_signer ON derived (signer);
CREATE TABLE responses (
	id INTEGER NOT NULL,
	source_id TEXT NOT NULL,
	at BIGINT NOT NULL,
	digest TEXT NOT NULL,
	head TEXT NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(source_id) REFERENCES sources (source_id)
);
CREATE INDEX responses_by_source ON responses (source_id);
CREATE INDEX entries_by_number ON entries (arrival);
CREATE TABLE decisions (
	number INTEGER NOT NULL,
	rule TEXT NOT NULL,
	other INTEGER NOT NULL,
	text INTEGER NOT NULL,
	story INTEGER NOT NULL,
	score FLOAT NOT NULL,
	threshold FLOAT NOT NULL,
	words TEXT NOT NULL,
	PRIMARY KEY (number, rule, other)
)
 WITHOUT ROWID

;
CREATE TABLE corrections (
	id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	source_id TEXT NOT NULL,
	"key" TEXT NOT NULL,
	other_source_id TEXT NOT NULL,
	other_key TEXT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE archives (
	feed TEXT NOT NULL,
	number INTEGER NOT NULL,
	until INTEGER NOT NULL,
	stories TEXT NOT NULL,
	paths TEXT NOT NULL,
	documents BLOB NOT NULL,
	PRIMARY KEY (feed, number)
);
CREATE INDEX derived_not_booked ON derived (entry) WHERE NOT booked;
CREATE TABLE stories (
	number INTEGER NOT NULL,
	id TEXT NOT NULL,
	event TEXT,
	told TEXT,
	PRIMARY KEY (number)
);
CREATE INDEX stories_by_event ON stories (event) WHERE event IS NOT NULL;
CREATE TABLE tellers (
	number INTEGER NOT NULL,
	knot INTEGER NOT NULL,
	story INTEGER,
	day INTEGER,
	PRIMARY KEY (number)
);
CREATE INDEX tellers_by_knot ON tellers (knot);
CREATE TABLE ties (
	tie BIGINT NOT NULL,
	number INTEGER NOT NULL,
	PRIMARY KEY (tie)
)
 WITHOUT ROWID

;
CREATE TABLE places (
	list TEXT NOT NULL,
	rank BIGINT NOT NULL,
	number INTEGER NOT NULL,
	id TEXT,
	PRIMARY KEY (list, rank, number)
)
 WITHOUT ROWID

;
CREATE INDEX places_by_number ON places (number);
CREATE TABLE days (
	source_id TEXT NOT NULL,
	day INTEGER NOT NULL,
	entries INTEGER NOT NULL,
	PRIMARY KEY (source_id, day)
)
 WITHOUT ROWID

;
CREATE TABLE story_rows (
	id INTEGER NOT NULL,
	touched BIGINT NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO alembic_version (version_num) VALUES ('0005');
