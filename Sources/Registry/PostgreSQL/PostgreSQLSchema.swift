/// The tables of a registry on a server. They stand in a schema of their own, `cccd`, and are named as in an SQLite
/// registry, with columns of the same names and forms.
///
/// Beside those there is `change`, the log by which copies are refreshed. Every transaction that alters something raises
/// `state.change_number` and writes what it altered under that number. Since raising it locks the row until the
/// transaction ends, numbers become visible in their order.
enum PostgreSQLSchema {
    /// Raised when the tables change in a way that older programs cannot use.
    static let version = 1
    /// "BHYT" in ASCII: the lock that one load at a time holds.
    static let loadLock = 0x4248_5954

    /// The columns of `insured` behind `id`, in the order of `InsuredRow.Column`.
    static let columns = ChangeWriter.columns.joined(separator: ", ")

    /// What every connection begins with.
    static let session = "SET search_path = cccd, pg_temp; SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'"

    /// Text compares byte by byte, as in SQLite: that is right for the dates among it, and fast for the rest.
    private static let text = #"text COLLATE "C""#

    static let create = """
        CREATE SCHEMA IF NOT EXISTS cccd;
        CREATE TABLE cccd.insured (
            id bigint NOT NULL, personal_number \(text), card_number \(text), full_name \(text) NOT NULL,
            birth_date \(text) NOT NULL, sex \(text), insured_group \(text), benefit_level smallint,
            valid_from \(text) NOT NULL, valid_to \(text), facility_code \(text), area_code \(text),
            five_years_from \(text), parent_personal_number \(text), status \(text), updated_on \(text));
        \(indexes(of: "insured"));
        CREATE TABLE cccd.facility (code \(text) PRIMARY KEY, name \(text) NOT NULL);
        CREATE TABLE cccd.state (
            id integer PRIMARY KEY CHECK (id = 1), version integer NOT NULL, registry_id text NOT NULL,
            row_count bigint NOT NULL, last_id bigint NOT NULL, loaded_at bigint, data_as_of bigint, promised_age bigint,
            change_number bigint NOT NULL, log_start bigint NOT NULL);
        INSERT INTO cccd.state (id, version, registry_id, row_count, last_id, change_number, log_start)
            VALUES (1, \(version), gen_random_uuid()::text, 0, 0, 0, 0);
        CREATE TABLE cccd.load (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mode text NOT NULL, finished_at bigint NOT NULL,
            data_as_of bigint NOT NULL, read bigint NOT NULL, kept bigint NOT NULL, deleted bigint NOT NULL,
            rejected bigint NOT NULL);
        CREATE TABLE cccd.lost_card (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind \(text) NOT NULL, number \(text) NOT NULL,
            issued_on \(text), lost_on \(text) NOT NULL, reported_at bigint NOT NULL, reported_by \(text),
            found_at bigint, found_by \(text));
        CREATE INDEX lost_card_open ON cccd.lost_card (number, kind) WHERE found_at IS NULL;
        CREATE TABLE cccd.chip_statement (
            personal_number \(text) PRIMARY KEY, full_name \(text) NOT NULL, birth_date \(text) NOT NULL, sex \(text),
            seen_at bigint NOT NULL);
        CREATE TABLE cccd.change (
            number bigint NOT NULL, kind \(text) NOT NULL, key \(text) NOT NULL, valid_from \(text),
            made_at bigint NOT NULL);
        CREATE INDEX change_number ON cccd.change (number)
        """

    /// The indexes of `insured`, or of the table that a load fills to take its place.
    static func indexes(of table: String) -> String {
        indexDefinitions.map { name, isUnique, definition in
            "CREATE \(isUnique ? "UNIQUE " : "")INDEX \(table)_\(name) ON cccd.\(table) \(definition)"
        }.joined(separator: ";\n")
    }

    /// The unique ones say what a record is known by: its person and first day.
    static let indexDefinitions: [(name: String, isUnique: Bool, definition: String)] = [
        ("person", true, "(personal_number, valid_from)"),
        ("card", false, "(right(card_number, 10))"),
        ("card_alone", true, "(right(card_number, 10), valid_from) WHERE personal_number IS NULL"),
        ("parent", false, "(parent_personal_number) WHERE parent_personal_number IS NOT NULL"),
    ]

    /// What a record is known by in `change.key`: the personal number, or else the social insurance number. They differ
    /// in length.
    static func key(_ table: String) -> String {
        "coalesce(\(table).personal_number, right(\(table).card_number, 10))"
    }

    /// Whether the server has a registry.
    /// - Throws: `otherVersion`.
    static func exists(in connection: borrowing PostgreSQLConnection) throws(RegistryError) -> Bool {
        let isThere = try connection.execute("SELECT to_regclass('cccd.state') IS NOT NULL").text(0, 0) == "t"
        guard isThere else { return false }
        let found = try connection.integer("SELECT version FROM cccd.state")
        guard found == version else {
            throw .otherVersion(path: connection.server, found: found, expected: version)
        }
        return true
    }

    /// Begins a change of the registry inside a transaction: waits for other changes to end, and gives the new number.
    static func nextChange(_ connection: borrowing PostgreSQLConnection) throws(RegistryError) -> Int {
        try connection.integer("UPDATE state SET change_number = change_number + 1 RETURNING change_number")
    }
}
