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

    /// Every check as of `day`, by which a record without a date of its own counts as of `dataAsOf`.
    static func all(rules: BenefitRules, on day: Day, dataAsOf: Day?, oldestAllowed: Day?) -> [QualityCheck] {
        complete + clean(rules, day) + alive(dataAsOf, oldestAllowed)
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

    private static func clean(_ rules: BenefitRules, _ day: Day) -> [QualityCheck] {
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
                    CAST(1900 + substr(personal_number, 4, 1) / 2 * 100 + substr(personal_number, 5, 2) AS TEXT)
                """),
            QualityCheck(
                .clean, "number.sex", "the personal number states the other sex",
                """
                personal_number IS NOT NULL AND sex IS NOT NULL
                    AND (substr(personal_number, 4, 1) % 2 = 0) <> (sex = 'male')
                """),
            QualityCheck(
                .clean, "number.place", "no place has the number's first digits",
                "substr(personal_number, 1, 3) IS '000'"),
            QualityCheck(
                .clean, "card.groupLevel", "the card number's group has another level",
                "coalesce(length(card_number), 0) = 15 AND substr(card_number, 1, 3) NOT IN (\(cards))"),
            QualityCheck(
                .clean, "child.ownParent", "named as its own parent",
                "personal_number IS NOT NULL AND parent_personal_number IS personal_number"),
            QualityCheck(
                .clean, "overlap", "another record in force of the same person has days in common",
                """
                status IS NULL AND personal_number IS NOT NULL AND EXISTS (
                    SELECT 1 FROM insured AS other WHERE other.personal_number = insured.personal_number
                    AND other.id <> insured.id AND other.status IS NULL
                    AND other.valid_from <= coalesce(insured.valid_to, '9999')
                    AND coalesce(other.valid_to, '9999') >= insured.valid_from)
                """),
            QualityCheck(
                .clean, "card.twoPeople", "another person has the same card number",
                """
                card_number IS NOT NULL AND EXISTS (
                    SELECT 1 FROM insured AS other WHERE substr(other.card_number, -10) = substr(insured.card_number, -10)
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
        let today = Day(secondsSince1970: now.secondsSince1970 + 7 * 3600)
        let checks = QualityCheck.all(
            rules: try BenefitRules.standard(), on: today,
            dataAsOf: status.dataAsOf.map { Day(secondsSince1970: $0.secondsSince1970 + 7 * 3600) },
            oldestAllowed: status.promisedAge.map { Day(secondsSince1970: now.secondsSince1970 + 7 * 3600 - $0) })
        return try pool.withSession { session throws(RegistryError) in
            let (rows, faulty) = try count(checks, session.connection)
            let correct = try compareWithChips(session.connection, finding)
            if let finding {
                for check in checks { try list(check, session.connection, finding) }
            }
            let measures = zip(checks, faulty).map { check, faulty in
                QualityMeasure(
                    virtue: check.virtue, fault: check.fault, meaning: check.meaning, examined: rows, faulty: faulty)
            }
            return QualityReport(rows: rows, dataAsOf: status.dataAsOf, measures: correct + measures)
        }
    }

    private func count(
        _ checks: [QualityCheck], _ connection: borrowing Connection
    ) throws(RegistryError) -> (rows: Int, faulty: [Int]) {
        let sums = checks.map { "coalesce(sum(\($0.condition)), 0)" }.joined(separator: ", ")
        let select = try connection.prepare("SELECT count(*), \(sums) FROM insured")
        guard try select.step() else { return (0, []) }
        return (select.integer(0) ?? 0, checks.indices.map { select.integer(Int32($0 + 1)) ?? 0 })
    }

    private func list(
        _ check: QualityCheck, _ connection: borrowing Connection, _ finding: (QualityFinding) -> Void
    ) throws(RegistryError) {
        let select = try connection.prepare(
            "SELECT personal_number, card_number, valid_from FROM insured WHERE \(check.condition) ORDER BY id")
        while try select.step() {
            finding(
                QualityFinding(
                    virtue: check.virtue, fault: check.fault, personalNumber: select.text(0),
                    cardNumber: select.text(1), validFrom: select.text(2)))
        }
    }

    private func compareWithChips(
        _ connection: borrowing Connection, _ finding: ((QualityFinding) -> Void)?
    ) throws(RegistryError) -> [QualityMeasure] {
        var compared = 0
        var differing: [String: Int] = [:]
        try ChipComparison.run(connection) { differences in
            compared += 1
            for difference in differences {
                differing[difference.field, default: 0] += 1
                finding?(
                    QualityFinding(
                        virtue: .correct, fault: "chip.\(difference.field)", personalNumber: difference.personalNumber,
                        cardNumber: difference.cardNumber, validFrom: nil))
            }
        }
        return ["fullName", "birthDate", "sex"].map { field in
            QualityMeasure(
                virtue: .correct, fault: "chip.\(field)", meaning: "\(field) differs from what a verified chip said",
                examined: compared, faulty: differing[field] ?? 0)
        }
    }
}
