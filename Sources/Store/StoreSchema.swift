/// The tables of the embedded store, as the steps that make them.
///
///     channels    id, enabled (null: undecided), props (JSON)
///     calls       id, channel, started, ended (null: runs), title, owner,
///                 screen_seconds, video_seconds (null: none)
///     attendance  call, joined, session, user, left (null: is in)      goes with its call
///     clients     id, key_hash
///     jobs        id, type, state (JSON), created, updated
///     sessions    token_hash, principal (JSON), expires
///     pairs       key, value, version
///
/// Times are milliseconds since 1970 in UTC. Tables are STRICT, so that a column holds what it says.
package enum StoreSchema {
    package static let steps: [Migration] = [
        Migration(
            """
            CREATE TABLE channels (
                id TEXT PRIMARY KEY,
                enabled INTEGER,
                props TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE calls (
                id TEXT PRIMARY KEY,
                channel TEXT NOT NULL,
                started INTEGER NOT NULL,
                ended INTEGER,
                title TEXT NOT NULL,
                owner TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX calls_by_start ON calls (started, id);
            CREATE INDEX calls_by_channel ON calls (channel, started, id);
            CREATE INDEX calls_by_end ON calls (ended);

            CREATE TABLE attendance (
                call TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
                session TEXT NOT NULL,
                user TEXT NOT NULL,
                joined INTEGER NOT NULL,
                "left" INTEGER,
                PRIMARY KEY (call, session)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX attendance_by_join ON attendance (call, joined, session);

            CREATE TABLE clients (
                id TEXT PRIMARY KEY,
                key_hash BLOB NOT NULL
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE jobs (
                id TEXT PRIMARY KEY,
                type TEXT NOT NULL,
                state TEXT NOT NULL,
                created INTEGER NOT NULL,
                updated INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX jobs_by_update ON jobs (updated);

            CREATE TABLE sessions (
                token_hash BLOB PRIMARY KEY,
                principal TEXT NOT NULL,
                expires INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX sessions_by_expiry ON sessions (expires);

            CREATE TABLE pairs (
                key TEXT PRIMARY KEY,
                value BLOB NOT NULL,
                version INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            """
        ),
        Migration(
            """
            ALTER TABLE calls ADD COLUMN screen_seconds INTEGER;
            ALTER TABLE calls ADD COLUMN video_seconds INTEGER;
            """
        ),
        // A session may leave and join again by the same connection: two stays.
        Migration(
            """
            CREATE TABLE stays (
                call TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
                session TEXT NOT NULL,
                user TEXT NOT NULL,
                joined INTEGER NOT NULL,
                "left" INTEGER,
                PRIMARY KEY (call, joined, session)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO stays SELECT call, session, user, joined, "left" FROM attendance;
            DROP TABLE attendance;
            ALTER TABLE stays RENAME TO attendance;
            """
        ),
    ]
}
