/// A card that its holder has reported lost.
public struct LostCard: Sendable, Equatable, Codable {
    /// Which card.
    public enum Kind: String, Sendable, Codable {
        /// The chip ID card, by the personal number.
        case identityCard
        /// The insurance card, by its number.
        case insuranceCard
    }

    /// The report's number in this registry.
    public internal(set) var id: Int
    /// Which card.
    public let kind: Kind
    /// The personal number, or the last ten digits of the insurance card's number.
    public let number: String
    /// The day on which the lost ID card was issued. Nil means every card issued up to the day of loss: the number stays
    /// with the person, and a card issued later is the new one.
    public let issuedOn: Day?
    /// The day of the loss.
    public let lostOn: Day
    /// When it was reported.
    public internal(set) var reportedAt: Timestamp
    /// Who took the report down; not personal data of the holder.
    public let reportedBy: String?
    /// When it was reported found; nil while it is lost.
    public internal(set) var foundAt: Timestamp?
    /// Who took that down.
    public internal(set) var foundBy: String?

    /// A report about an ID card.
    ///
    /// - Throws: `invalidQuestion` unless the number is 12 digits.
    public init(
        identityCardOf personalNumber: String, issuedOn: Day? = nil, lostOn: Day = .todayInVietnam,
        reportedBy: String? = nil
    ) throws(RegistryError) {
        guard PersonalNumber.isWellFormed(personalNumber.utf8.span) else {
            throw .invalidQuestion(field: "personalNumber", reason: "is not 12 digits")
        }
        self.init(.identityCard, personalNumber, issuedOn, lostOn, reportedBy)
    }

    /// A report about an insurance card.
    ///
    /// - Throws: `invalidQuestion` unless the number has 15 characters or ten digits.
    public init(
        insuranceCard cardNumber: String, lostOn: Day = .todayInVietnam, reportedBy: String? = nil
    ) throws(RegistryError) {
        guard cardNumber.utf8.count <= 32, let card = CardNumber(cardNumber) else {
            throw .invalidQuestion(field: "cardNumber", reason: "is not two letters and 13 digits, nor ten digits")
        }
        self.init(.insuranceCard, card.socialInsuranceNumber, nil, lostOn, reportedBy)
    }

    init(_ kind: Kind, _ number: String, _ issuedOn: Day?, _ lostOn: Day, _ reportedBy: String?) {
        id = 0
        self.kind = kind
        self.number = number
        self.issuedOn = issuedOn
        self.lostOn = lostOn
        reportedAt = .now
        self.reportedBy = reportedBy.map { String($0.prefix(128)) }
    }
}

extension LostCard {
    /// An open report, from a row of its id, day of issue, day of loss, time of the report and who took it.
    init?(_ row: borrowing some RecordRow & ~Copyable, _ kind: Kind, _ number: String) {
        guard let id = row.integer(0), let lostOn = row.text(2).flatMap(Day.init(iso:)) else { return nil }
        self.init(kind, number, row.text(1).flatMap(Day.init(iso:)), lostOn, row.text(4))
        self.id = id
        reportedAt = Timestamp(secondsSince1970: row.integer(3) ?? 0)
    }

    /// Whether the report is about the card that was issued on that day; nil takes in every card of the person.
    func concerns(cardIssuedOn day: Day?) -> Bool {
        guard let day else { return true }
        return issuedOn.map { $0 == day } ?? (day <= lostOn)
    }
}

extension InsuranceRegistry {
    /// Takes a report of a lost card down. An open report about the same card stays and is given back.
    ///
    /// - Throws: `readOnly`, `busy`, `diskFull`, …
    @discardableResult
    public func reportLost(_ card: LostCard) throws(RegistryError) -> LostCard {
        try pool.write { connection throws(RegistryError) in
            let open = try openReports(connection, card.kind, card.number).first { $0.issuedOn == card.issuedOn }
            if let open { return open }
            let insert = try connection.prepare(
                """
                INSERT INTO lost_card (kind, number, issued_on, lost_on, reported_at, reported_by)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                """)
            try insert.bind(card.kind.rawValue, at: 1)
            try insert.bind(card.number, at: 2)
            try insert.bind(card.issuedOn?.description, at: 3)
            try insert.bind(card.lostOn.description, at: 4)
            try insert.bind(card.reportedAt.secondsSince1970, at: 5)
            try insert.bind(card.reportedBy, at: 6)
            try insert.run()
            var taken = card
            taken.id = connection.lastRowID
            return taken
        }
    }

    /// Closes all open reports about an ID card.
    ///
    /// - Returns: the reports that were open.
    @discardableResult
    public func reportFound(
        identityCardOf personalNumber: String, by: String? = nil
    ) throws(RegistryError) -> [LostCard] {
        try reportFound(.identityCard, personalNumber, by)
    }

    /// Closes all open reports about an insurance card.
    ///
    /// - Returns: the reports that were open.
    @discardableResult
    public func reportFound(insuranceCard cardNumber: String, by: String? = nil) throws(RegistryError) -> [LostCard] {
        try reportFound(.insuranceCard, String(cardNumber.suffix(10)), by)
    }

    /// The open reports about the ID card that a person shows.
    ///
    /// - Parameter issuedOn: the shown card's day of issue; nil takes in every report about the person's cards.
    public func lostReports(
        identityCardOf personalNumber: String, issuedOn: Day? = nil
    ) throws(RegistryError) -> [LostCard] {
        try pool.withSession { session throws(RegistryError) in
            try openReports(session.connection, .identityCard, personalNumber)
        }.filter { $0.concerns(cardIssuedOn: issuedOn) }
    }

    /// Whether the ID card that a person shows is reported lost.
    public func isLost(identityCardOf personalNumber: String, issuedOn: Day? = nil) throws(RegistryError) -> Bool {
        try !lostReports(identityCardOf: personalNumber, issuedOn: issuedOn).isEmpty
    }

    /// Whether an insurance card is reported lost.
    public func isLost(insuranceCard cardNumber: String) throws(RegistryError) -> Bool {
        try pool.withSession { session throws(RegistryError) in
            try !openReports(session.connection, .insuranceCard, String(cardNumber.suffix(10))).isEmpty
        }
    }

    private func reportFound(
        _ kind: LostCard.Kind, _ number: String, _ by: String?
    ) throws(RegistryError) -> [LostCard] {
        try pool.write { connection throws(RegistryError) in
            let foundAt = Timestamp.now
            let foundBy = by.map { String($0.prefix(128)) }
            var closed = try openReports(connection, kind, number)
            let update = try connection.prepare("UPDATE lost_card SET found_at = ?2, found_by = ?3 WHERE id = ?1")
            for index in closed.indices {
                closed[index].foundAt = foundAt
                closed[index].foundBy = foundBy
                try update.bind(closed[index].id, at: 1)
                try update.bind(foundAt.secondsSince1970, at: 2)
                try update.bind(foundBy, at: 3)
                try update.run()
            }
            return closed
        }
    }
}

private func openReports(
    _ connection: borrowing Connection, _ kind: LostCard.Kind, _ number: String
) throws(RegistryError) -> [LostCard] {
    let select = try connection.prepare(
        """
        SELECT id, issued_on, lost_on, reported_at, reported_by FROM lost_card
        WHERE number = ?1 AND kind = ?2 AND found_at IS NULL ORDER BY id
        """)
    try select.bind(number, at: 1)
    try select.bind(kind.rawValue, at: 2)
    var reports: [LostCard] = []
    while try select.step() {
        if let report = LostCard(select, kind, number) { reports.append(report) }
    }
    return reports
}
