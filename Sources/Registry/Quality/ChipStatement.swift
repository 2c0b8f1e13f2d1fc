/// What a verified chip said about its holder: the yardstick for the registry's own data.
public struct ChipStatement: Sendable, Equatable, Codable {
    /// 12 digits.
    public let personalNumber: String
    /// Full name with diacritics.
    public let fullName: String
    /// `yyyy-mm-dd`; month or day are left out where the chip has none.
    public let birthDate: String
    /// `male` or `female`.
    public let sex: String?
    /// When the chip was read.
    public let seenAt: Timestamp

    /// A statement of a chip whose data was verified; what was not verified must not be stated.
    ///
    /// - Parameter birthDate: `dd/mm/yyyy`, `yyyy-mm-dd`, or less where the chip has less.
    /// - Throws: `invalidQuestion` when a value breaks the rules of its type.
    public init(
        personalNumber: String, fullName: String, birthDate: String, sex: String?, seenAt: Timestamp = .now
    ) throws(RegistryError) {
        guard PersonalNumber.isWellFormed(personalNumber.utf8.span) else {
            throw .invalidQuestion(field: "personalNumber", reason: "is not 12 digits")
        }
        guard let date = DateText(birthDate.utf8.span) else {
            throw .invalidQuestion(field: "birthDate", reason: "is not a date as dd/mm/yyyy or yyyy-mm-dd, nor a year")
        }
        guard (1...512).contains(fullName.utf8.count) else {
            throw .invalidQuestion(field: "fullName", reason: "is empty or longer than 512 bytes")
        }
        guard sex == nil || sex == "male" || sex == "female" else {
            throw .invalidQuestion(field: "sex", reason: "is neither male nor female")
        }
        var iso: [UInt8] = []
        date.append(to: &iso)
        self.personalNumber = personalNumber
        self.fullName = fullName
        self.birthDate = String(decoding: iso, as: UTF8.self)
        self.sex = sex
        self.seenAt = seenAt
    }
}

/// A field in which the registry differs from what a verified chip said. The registry is never changed by it: whoever
/// answers for the data mends it at its source.
public struct MendingProposal: Sendable, Equatable, Codable {
    /// 12 digits.
    public let personalNumber: String
    /// The card of the record that differs.
    public let cardNumber: String?
    /// `fullName`, `birthDate` or `sex`.
    public let field: String
    /// What the registry has; nil where it has nothing.
    public let registered: String?
    /// What the chip said.
    public let stated: String
    /// When the chip was read.
    public let seenAt: Timestamp
}

extension InsuranceRegistry {
    /// Keeps what a verified chip said, when the registry has a record of its holder; the latest statement counts.
    ///
    /// - Returns: whether it was kept.
    /// - Throws: `readOnly`, `busy`, `diskFull`, …
    @discardableResult
    public func keep(_ statement: ChipStatement) throws(RegistryError) -> Bool {
        try pool.write { connection throws(RegistryError) in
            let insert = try connection.prepare(
                """
                INSERT INTO chip_statement SELECT ?1, ?2, ?3, ?4, ?5
                WHERE EXISTS (SELECT 1 FROM insured WHERE \(RowOrder.isOf("?1")))
                ON CONFLICT (personal_number) DO UPDATE SET full_name = ?2, birth_date = ?3, sex = ?4, seen_at = ?5
                WHERE seen_at <= ?5
                """)
            try insert.bind(statement.personalNumber, at: 1)
            try insert.bind(statement.fullName, at: 2)
            try insert.bind(statement.birthDate, at: 3)
            try insert.bind(statement.sex, at: 4)
            try insert.bind(statement.seenAt.secondsSince1970, at: 5)
            try insert.run()
            return connection.changedRows > 0
        }
    }

    /// Every field in which the registry differs from what chips said.
    public func proposals() throws(RegistryError) -> [MendingProposal] {
        var proposals: [MendingProposal] = []
        try pool.withSession { session throws(RegistryError) in
            let select = try session.connection.prepare(ChipComparison.query(.sqlite))
            while try select.step() { proposals += ChipComparison.differences(select) ?? [] }
        }
        return proposals
    }
}

/// Holds the registry's records against what chips said.
enum ChipComparison {
    /// The statement whose rows `differences` takes.
    static func query(_ dialect: SQLDialect) -> String {
        // SQLite would go through all records for the few statements, but for CROSS, by which it keeps the order.
        let join = dialect == .sqlite ? "CROSS JOIN" : "JOIN"
        return """
            SELECT c.personal_number, i.card_number, i.full_name, c.full_name, i.birth_date, c.birth_date, i.sex, c.sex,
                c.seen_at
            FROM chip_statement AS c \(join) insured AS i ON \(dialect.isOf("c.personal_number", "i"))
            ORDER BY c.personal_number, i.valid_from
            """
    }

    /// In what a compared record differs, most often nothing; nil when the row cannot be compared.
    static func differences(_ row: borrowing some RecordRow & ~Copyable) -> [MendingProposal]? {
        guard let number = row.text(0), let registeredName = row.text(2), let statedName = row.text(3),
            let registeredBirth = row.text(4), let statedBirth = row.text(5)
        else { return nil }
        let seenAt = Timestamp(secondsSince1970: row.integer(8) ?? 0)
        let cardNumber = row.text(1)
        var differences: [MendingProposal] = []
        func differs(_ field: String, _ registered: String?, _ stated: String) {
            differences.append(
                MendingProposal(
                    personalNumber: number, cardNumber: cardNumber, field: field, registered: registered,
                    stated: stated, seenAt: seenAt))
        }
        if NameAgreement(registeredName, statedName) != .same { differs("fullName", registeredName, statedName) }
        // A registry that knows the year alone does not contradict the chip, but can be made better by it.
        if registeredBirth != statedBirth { differs("birthDate", registeredBirth, statedBirth) }
        let registeredSex = row.text(6)
        if let stated = row.text(7), registeredSex != stated { differs("sex", registeredSex, stated) }
        return differences
    }
}
