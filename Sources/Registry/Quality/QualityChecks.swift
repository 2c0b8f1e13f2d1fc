/// What a record can be faulted for by looking at it alone, as SQL conditions over the table `insured`.
struct QualityCheck {
    let virtue: DataVirtue
    let fault: String
    let meaning: String
    /// True for a record at fault; never NULL.
    let condition: String

    private init(_ virtue: DataVirtue, _ fault: String, _ meaning: String, _ condition: String) {
        self.virtue = virtue
        self.fault = fault
        self.meaning = meaning
        self.condition = condition
    }

    /// Every check as of `now`; a record without a date of its own counts as of the registry's.
    static func all(_ dialect: SQLDialect, status: RegistryStatus, now: Timestamp) throws(RegistryError)
        -> [QualityCheck]
    {
        func day(_ moment: Timestamp, before seconds: Int = 0) -> Day {
            Day(secondsSince1970: moment.secondsSince1970 + 7 * 3600 - seconds)
        }
        return complete + clean(dialect, try BenefitRules.standard(), day(now))
            + alive(status.dataAsOf.map { day($0) }, status.promisedAge.map { day(now, before: $0) })
    }

    /// The number of records, and of those at fault by each check.
    static func countQuery(_ checks: [QualityCheck]) -> String {
        let counts = checks.map { "count(*) FILTER (WHERE \($0.condition))" }
        return "SELECT \((["count(*)"] + counts).joined(separator: ", ")) FROM insured"
    }

    /// The records at fault.
    var listQuery: String {
        "SELECT personal_number, card_number, valid_from FROM insured WHERE \(condition) ORDER BY id"
    }

    private static let complete = [
        QualityCheck(.complete, "missing.personalNumber", "no personal number", "personal_number IS NULL"),
        QualityCheck(.complete, "missing.cardNumber", "no card number", "card_number IS NULL"),
        QualityCheck(.complete, "missing.birthDay", "birth date without day or month", "length(birth_date) < 10"),
        QualityCheck(.complete, "missing.sex", "no sex", "sex IS NULL"),
        QualityCheck(.complete, "missing.validTo", "no last day", "valid_to IS NULL"),
        QualityCheck(.complete, "missing.facilityCode", "no registered facility", "facility_code IS NULL"),
        QualityCheck(
            .complete, "missing.level", "no benefit level, nor a group or long card number that has one",
            "benefit_level IS NULL AND insured_group IS NULL AND coalesce(length(card_number), 0) <> 15"),
    ]

    private static func clean(_ dialect: SQLDialect, _ rules: BenefitRules, _ day: Day) -> [QualityCheck] {
        let cards = rules.groupsWithLevel(on: day).map { "'\($0)'" }.joined(separator: ",")
        return [
            QualityCheck(.clean, "birth.future", "born after today", "birth_date > '\(day)'"),
            QualityCheck(
                .clean, "birth.tooLongAgo", "born more than 125 years ago", "birth_date < '\(day.year - 125)'"),
            QualityCheck(
                .clean, "birth.afterFirstDay", "born after the first day of insurance",
                "length(birth_date) = 10 AND birth_date > valid_from"),
            QualityCheck(
                .clean, "number.birthYear", "the personal number states another year of birth",
                """
                personal_number IS NOT NULL AND substr(birth_date, 1, 4) <>
                    CAST(1900 + CAST(substr(personal_number, 4, 1) AS INTEGER) / 2 * 100
                        + CAST(substr(personal_number, 5, 2) AS INTEGER) AS TEXT)
                """),
            QualityCheck(
                .clean, "number.sex", "the personal number states the other sex",
                """
                personal_number IS NOT NULL AND sex IS NOT NULL
                    AND (CAST(substr(personal_number, 4, 1) AS INTEGER) % 2 = 0) <> (sex = 'male')
                """),
            QualityCheck(
                .clean, "number.place", "no place has the number's first digits",
                "personal_number IS NOT NULL AND substr(personal_number, 1, 3) = '000'"),
            QualityCheck(
                .clean, "card.groupLevel", "the card number's group has another level",
                "coalesce(length(card_number), 0) = 15 AND substr(card_number, 1, 3) NOT IN (\(cards))"),
            QualityCheck(
                .clean, "child.ownParent", "named as its own parent",
                "personal_number IS NOT NULL AND coalesce(parent_personal_number, '') = personal_number"),
            QualityCheck(
                .clean, "overlap", "another record in force of the same person has days in common",
                """
                status IS NULL AND personal_number IS NOT NULL AND EXISTS (
                    SELECT 1 FROM insured AS other WHERE \(dialect.isOf("insured.personal_number", "other"))
                    AND other.id <> insured.id AND other.status IS NULL
                    AND other.valid_from <= coalesce(insured.valid_to, '9999')
                    AND coalesce(other.valid_to, '9999') >= insured.valid_from)
                """),
            QualityCheck(
                .clean, "card.twoPeople", "another person has the same card number",
                """
                card_number IS NOT NULL AND EXISTS (
                    SELECT 1 FROM insured AS other
                    WHERE \(dialect.lastTen("other.card_number")) = \(dialect.lastTen("insured.card_number"))
                    AND (other.personal_number <> insured.personal_number OR other.birth_date <> insured.birth_date))
                """),
        ]
    }

    private static func alive(_ dataAsOf: Day?, _ oldestAllowed: Day?) -> [QualityCheck] {
        guard let oldestAllowed else { return [] }
        let fallback = dataAsOf.map(\.description) ?? "0000"
        return [
            QualityCheck(
                .alive, "old", "older than the source promises",
                "coalesce(updated_on, '\(fallback)') < '\(oldestAllowed)'")
        ]
    }
}

extension InsuranceRegistry {
    /// Measures what the data is worth, in one pass over all records; takes seconds per million of them.
    ///
    /// - Parameters:
    ///   - now: by which "today" and the age of the data are meant.
    ///   - finding: told every record to mend, fault by fault. Personal data: for a file that its reader may see.
    public func quality(
        now: Timestamp = .now, finding: ((QualityFinding) -> Void)? = nil
    ) throws(RegistryError) -> QualityReport {
        let status = try status()
        let checks = try QualityCheck.all(.sqlite, status: status, now: now)
        return try pool.withSession { session throws(RegistryError) in
            var tally = QualityTally(finding: finding)
            let compare = try session.connection.prepare(ChipComparison.query(.sqlite))
            while try compare.step() {
                if let differences = ChipComparison.differences(compare) { tally.take(differences) }
            }
            let counts = try session.connection.prepare(QualityCheck.countQuery(checks))
            guard try counts.step() else { throw .notARegistry(path: path) }
            let report = tally.report(checks, counts, status)
            guard finding != nil else { return report }
            for check in checks {
                let select = try session.connection.prepare(check.listQuery)
                while try select.step() { tally.take(select, check) }
            }
            return report
        }
    }
}

/// Gathers a report from the rows of either database.
struct QualityTally {
    private let finding: ((QualityFinding) -> Void)?
    private var compared = 0
    private var differing: [String: Int] = [:]

    init(finding: ((QualityFinding) -> Void)?) { self.finding = finding }

    /// Takes a record that was held against what a chip said.
    mutating func take(_ differences: [MendingProposal]) {
        compared += 1
        for difference in differences {
            differing[difference.field, default: 0] += 1
            finding?(
                QualityFinding(
                    virtue: .correct, fault: "chip.\(difference.field)", personalNumber: difference.personalNumber,
                    cardNumber: difference.cardNumber, validFrom: nil))
        }
    }

    /// Takes a row of `QualityCheck.listQuery`.
    func take(_ row: borrowing some RecordRow & ~Copyable, _ check: QualityCheck) {
        finding?(
            QualityFinding(
                virtue: check.virtue, fault: check.fault, personalNumber: row.text(0), cardNumber: row.text(1),
                validFrom: row.text(2)))
    }

    /// - Parameter counts: the row of `QualityCheck.countQuery`.
    func report(
        _ checks: [QualityCheck], _ counts: borrowing some RecordRow & ~Copyable, _ status: RegistryStatus
    ) -> QualityReport {
        let rows = counts.integer(0) ?? 0
        let correct = ["fullName", "birthDate", "sex"].map { field in
            QualityMeasure(
                virtue: .correct, fault: "chip.\(field)", meaning: "\(field) differs from what a verified chip said",
                examined: compared, faulty: differing[field] ?? 0)
        }
        var measures: [QualityMeasure] = []
        for (index, check) in checks.enumerated() {
            measures.append(
                QualityMeasure(
                    virtue: check.virtue, fault: check.fault, meaning: check.meaning, examined: rows,
                    faulty: counts.integer(Int32(clamping: index + 1)) ?? 0))
        }
        return QualityReport(rows: rows, dataAsOf: status.dataAsOf, measures: correct + measures)
    }
}
