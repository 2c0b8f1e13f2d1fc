/// The tables of a registry file.
///
/// The file is in SQLite's rollback-journal mode, and a load never works in it: it makes a new file beside it and renames
/// that over the old one. So readers are never held up and never see half a load, a load that is killed leaves the old
/// file as it was, nothing has to be journalled twice, and a registry is one file that can be copied and put on
/// read-only media.
enum Schema {
    /// Raised when the tables change in a way that older programs cannot read.
    static let version = 2
    /// "BHYT" in ASCII: tells a registry from other SQLite files.
    static let applicationID = 0x4248_5954

    /// The versions that a full load can take the place of: what it takes over from the old file is the same in them.
    private static let replaceable = 1...version

    /// The ids of `insured` are `RowOrder`'s. Dates are ISO 8601 text, of which a birth date may lack day and month; times are seconds since 1970 in UTC.
    private static let tables = """
        CREATE TABLE insured (
            id INTEGER PRIMARY KEY,
            personal_number TEXT,
            card_number TEXT,
            full_name TEXT NOT NULL,
            birth_date TEXT NOT NULL,
            sex TEXT,
            insured_group TEXT,
            benefit_level INTEGER,
            valid_from TEXT NOT NULL,
            valid_to TEXT,
            facility_code TEXT,
            area_code TEXT,
            five_years_from TEXT,
            parent_personal_number TEXT,
            status TEXT,
            updated_on TEXT
        );
        CREATE TABLE facility (code TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            row_count INTEGER NOT NULL,
            loaded_at INTEGER,
            data_as_of INTEGER,
            promised_age INTEGER
        );
        INSERT INTO state (id, row_count) VALUES (1, 0);
        CREATE TABLE load (
            id INTEGER PRIMARY KEY,
            mode TEXT NOT NULL,
            finished_at INTEGER NOT NULL,
            data_as_of INTEGER NOT NULL,
            read INTEGER NOT NULL,
            kept INTEGER NOT NULL,
            deleted INTEGER NOT NULL,
            rejected INTEGER NOT NULL
        );
        CREATE TABLE lost_card (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            number TEXT NOT NULL,
            issued_on TEXT,
            lost_on TEXT NOT NULL,
            reported_at INTEGER NOT NULL,
            reported_by TEXT,
            found_at INTEGER,
            found_by TEXT
        );
        CREATE INDEX lost_card_open ON lost_card (number, kind) WHERE found_at IS NULL;
        CREATE TABLE chip_statement (
            personal_number TEXT PRIMARY KEY,
            full_name TEXT NOT NULL,
            birth_date TEXT NOT NULL,
            sex TEXT,
            seen_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    /// Made after the rows are in, since sorting once is many times faster than keeping order row by row.
    static let indexes = """
        CREATE INDEX insured_card ON insured (substr(card_number, -10));
        CREATE INDEX insured_parent ON insured (parent_personal_number) WHERE parent_personal_number IS NOT NULL;
        """

    static func create(in connection: borrowing Connection) throws(RegistryError) {
        try connection.execute(tables)
        try connection.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
    }

    /// - Parameter isToBeReplaced: Whether it is enough that a full load can take the file's place.
    /// - Throws: `notADatabase`, `notARegistry`, `otherVersion`.
    static func check(_ connection: borrowing Connection, isToBeReplaced: Bool = false) throws(RegistryError) {
        guard try connection.integer("PRAGMA application_id") == applicationID else {
            throw .notARegistry(path: connection.path)
        }
        let found = try connection.integer("PRAGMA user_version")
        guard found == version || isToBeReplaced && replaceable.contains(found) else {
            throw .otherVersion(path: connection.path, found: found, expected: version)
        }
    }
}
