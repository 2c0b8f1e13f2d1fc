/// Where records stand in the table `insured`: those of a person next to each other, in the order of the personal numbers.
///
/// A record's id is its person's number times 1024 and a count, so that one descent of the table finds all that is known
/// about a person, without an index. Records without a personal number have ids below zero.
enum RowOrder {
    /// How many records a person can have.
    static let perPerson = 1024

    /// The condition in SQLite that a record of the table called `table` is of the person whose number `number` gives.
    ///
    /// The number itself is compared too, so that a damaged table cannot give another's record; with a plus, without which
    /// SQLite may make an index of the whole table for one question.
    static func isOf(_ number: String, _ table: String = "insured") -> String {
        "\(isIn(number, table)) AND +\(table).personal_number = \(number)"
    }

    /// The person whose number the record's id states; nil for nobody.
    static func person(of id: Int) -> Int? { id < 0 ? nil : id / perPerson }

    /// The condition in SQLite that a record stands where those of that person do.
    static func isIn(_ number: String, _ table: String = "insured") -> String {
        "\(table).id BETWEEN \(number) * \(perPerson) AND \(number) * \(perPerson) + \(perPerson - 1)"
    }
}

/// Finds places for single records in a table that has others already.
struct RowPlaces: ~Copyable {
    private let behindOthers: Statement
    private let first: Statement
    private let nobody: Statement

    init(_ connection: borrowing Connection) throws(RegistryError) {
        let behindOthers = try connection.prepare(
            """
            SELECT id + 1 FROM insured AS r WHERE \(RowOrder.isIn("?1", "r")) AND (id + 1) % \(RowOrder.perPerson) <> 0
                AND NOT EXISTS (SELECT 1 FROM insured WHERE id = r.id + 1) LIMIT 1
            """)
        let first = try connection.prepare(
            "SELECT ?1 * \(RowOrder.perPerson) WHERE NOT EXISTS (SELECT 1 FROM insured WHERE id = ?1 * \(RowOrder.perPerson))"
        )
        let nobody = try connection.prepare("SELECT min(coalesce(min(id), 0), 0) - 1 FROM insured")
        self.behindOthers = behindOthers
        self.first = first
        self.nobody = nobody
    }

    /// The id for a further record of the person, or of nobody who has a number; nil when the person has no room for it.
    func next(for number: String?) throws(RegistryError) -> Int? {
        guard let number else { return try Self.integer(nobody) }
        try first.bind(number, at: 1)
        if let id = try Self.integer(first) { return id }
        try behindOthers.bind(number, at: 1)
        return try Self.integer(behindOthers)
    }

    private static func integer(_ statement: borrowing Statement) throws(RegistryError) -> Int? {
        defer { statement.reset() }
        return try statement.step() ? statement.integer(0) : nil
    }
}

/// Fills an empty table with the records of a whole load.
struct RowFill {
    /// A line that is not kept, and why.
    typealias Left = (line: Int, reason: RejectionReason)

    private(set) var left: [Left] = []
    private var person = -1
    /// The first days of the person's records so far, and the lines that they came from.
    private var records: [(day: UInt64, line: Int)] = []

    /// Puts all records in: of several with the same person and first day the first.
    ///
    /// - Returns: the lines that are left out, in order.
    static func fill(_ connection: borrowing Connection, from rows: RowSort) throws(RegistryError) -> [Left] {
        let columns = InsuredRow.Column.allCases.count
        let insert = try connection.prepare("INSERT INTO insured VALUES (?\(String(repeating: ",?", count: columns)))")
        var fill = RowFill()
        try rows.drain { row throws(RegistryError) in
            guard let id = fill.place(row) else { return }
            try insert.bind(id, at: 1)
            try insert.run(row.bytes.span, row.values, from: 2)
        }
        return fill.left.sorted { $0.line < $1.line }
    }

    /// The id for a record; nil when it is left out.
    private mutating func place(_ row: borrowing SortedRow) -> Int? {
        let key = row.key
        guard key.person >= 0 else { return key.person }
        if key.person != person {
            person = key.person
            records.removeAll(keepingCapacity: true)
        }
        let validFrom = row.values[InsuredRow.Column.validFrom.rawValue]
        let day = validFrom.map { Self.packed(row.bytes.span.extracting($0)) } ?? 0
        if let first = records.first(where: { $0.day == day }) {
            left.append((key.line, .repeated(line: first.line)))
            return nil
        }
        guard records.count < RowOrder.perPerson else {
            left.append((key.line, .moreRecordsThan(limit: RowOrder.perPerson)))
            return nil
        }
        records.append((day, key.line))
        return key.person * RowOrder.perPerson + records.count - 1
    }

    /// The eight digits of a day in ISO 8601 as a number.
    private static func packed(_ day: Span<UInt8>) -> UInt64 {
        var value: UInt64 = 0
        for index in day.indices where day[index] != UInt8(ascii: "-") { value = value << 8 | UInt64(day[index]) }
        return value
    }
}
