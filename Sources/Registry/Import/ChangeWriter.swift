/// Puts and deletes single records. A record is known by its person and first day, a person by the personal number or,
/// where the registry has none, by the social insurance number.
struct ChangeWriter: ~Copyable {
    enum Effect { case inserted, updated, unchanged, deleted, nothingToDelete, noRoom }

    /// The columns of the table `insured` behind `id`, in the order of `InsuredRow.Column`.
    static let columns = [
        "personal_number", "card_number", "full_name", "birth_date", "sex", "insured_group", "benefit_level",
        "valid_from", "valid_to", "facility_code", "area_code", "five_years_from", "parent_personal_number", "status",
        "updated_on",
    ]

    private let findByPerson: Statement
    private let findByCard: Statement
    private let insert: Statement
    private let update: Statement
    private let delete: Statement
    private let places: RowPlaces

    init(_ connection: borrowing Connection) throws(RegistryError) {
        let columns = Self.columns
        let names = columns.joined(separator: ", ")
        let values = (2...columns.count + 1).map { "?\($0)" }.joined(separator: ", ")
        let levelIsNumber = values.replacing("?8", with: "CAST(?8 AS INTEGER)")
        let findByPerson = try connection.prepare(
            "SELECT id FROM insured WHERE \(RowOrder.isOf("?1")) AND valid_from = ?2 LIMIT 1")
        let findByCard = try connection.prepare(
            """
            SELECT id FROM insured
            WHERE substr(card_number, -10) = substr(?1, -10) AND valid_from = ?2 AND (?3 IS NULL OR personal_number IS NULL)
            ORDER BY personal_number LIMIT 1
            """)
        let insert = try connection.prepare("INSERT INTO insured (id, \(names)) VALUES (?1, \(values))")
        let update = try connection.prepare(
            "UPDATE insured SET (\(names)) = (\(values)) WHERE id = ?1 AND (\(names)) IS NOT (\(levelIsNumber))")
        let places = try RowPlaces(connection)
        let delete = try connection.prepare("DELETE FROM insured WHERE id = ?1")
        self.findByPerson = findByPerson
        self.findByCard = findByCard
        self.insert = insert
        self.update = update
        self.delete = delete
        self.places = places
    }

    func apply(_ row: borrowing InsuredRow, _ connection: borrowing Connection) throws(RegistryError) -> Effect {
        let id = try find(row)
        switch row.operation {
        case .delete:
            guard let id else { return .nothingToDelete }
            try delete.bind(id, at: 1)
            try delete.run()
            return .deleted
        case .put:
            let number = row.text(.personalNumber)
            guard let id else {
                guard let place = try places.next(for: number) else { return .noRoom }
                try insert.bind(place, at: 1)
                try insert.run(row.bytes.span, row.values, from: 2)
                return .inserted
            }
            // A record that gets a personal number, or loses it, has another place.
            if RowOrder.person(of: id) != number.flatMap(Int.init) {
                guard let place = try places.next(for: number) else { return .noRoom }
                try delete.bind(id, at: 1)
                try delete.run()
                try insert.bind(place, at: 1)
                try insert.run(row.bytes.span, row.values, from: 2)
                return .updated
            }
            try update.bind(id, at: 1)
            try update.run(row.bytes.span, row.values, from: 2)
            return connection.changedRows > 0 ? .updated : .unchanged
        }
    }

    private func find(_ row: borrowing InsuredRow) throws(RegistryError) -> Int? {
        let person = row.text(.personalNumber)
        let validFrom = row.text(.validFrom)
        if let person {
            defer { findByPerson.reset() }
            try findByPerson.bind(person, at: 1)
            try findByPerson.bind(validFrom, at: 2)
            if try findByPerson.step() { return findByPerson.integer(0) }
        }
        guard let card = row.text(.cardNumber) else { return nil }
        defer { findByCard.reset() }
        try findByCard.bind(card, at: 1)
        try findByCard.bind(validFrom, at: 2)
        try findByCard.bind(person, at: 3)
        return try findByCard.step() ? findByCard.integer(0) : nil
    }
}

/// Writes facilities' names down once each.
final class FacilityNames {
    private let put: Statement
    /// The name last written for each code.
    private var written: [UInt64: [UInt8]] = [:]
    private static let limit = 100_000

    init(_ connection: borrowing Connection) throws(RegistryError) {
        put = try connection.prepare(
            "INSERT INTO facility VALUES (?1, ?2) ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE name <> excluded.name"
        )
    }

    /// The last name that a load gives a facility is kept.
    func keep(_ row: borrowing InsuredRow) throws(RegistryError) {
        guard let code = row.values[InsuredRow.Column.facilityCode.rawValue], let name = row.facilityName else {
            return
        }
        // Five ASCII characters fit into one number.
        let key = row.bytes[code].reduce(0) { $0 << 8 | UInt64($1) }
        if let last = written[key], last.elementsEqual(row.bytes[name]) { return }
        if written.count < Self.limit { written[key] = Array(row.bytes[name]) }
        try put.run(row.bytes.span, [code, name], from: 1)
    }

    /// The names gathered from a load, to be sent together.
    struct Gathered {
        /// More than the country has; bounds what a wrong file can make of it.
        private static let limit = 200_000
        private var byCode: [UInt64: (code: [UInt8], name: [UInt8])] = [:]

        /// Code and name of each facility.
        var names: [([UInt8], [UInt8])] { byCode.values.map { ($0.code, $0.name) } }

        /// The last name that a load gives a facility is kept.
        mutating func gather(_ row: borrowing InsuredRow) {
            guard let code = row.values[InsuredRow.Column.facilityCode.rawValue], let name = row.facilityName else {
                return
            }
            let key = row.bytes[code].reduce(0) { $0 << 8 | UInt64($1) }
            if let known = byCode[key] {
                if known.name.elementsEqual(row.bytes[name]) { return }
            } else if byCode.count >= Self.limit {
                return
            }
            byCode[key] = (Array(row.bytes[code]), Array(row.bytes[name]))
        }
    }
}
