/// What the two databases write differently.
enum SQLDialect: Sendable {
    case sqlite, postgresql

    /// The parameter of that number, from 1.
    func parameter(_ number: Int) -> String { self == .sqlite ? "?\(number)" : "$\(number)" }

    /// The social insurance number in a card number: its last ten digits.
    func lastTen(_ column: String) -> String { self == .sqlite ? "substr(\(column), -10)" : "right(\(column), 10)" }
}

extension SQLDialect {
    /// The condition that a record of the table called `table` is of the person whose number the expression `number` gives.
    func isOf(_ number: String, _ table: String = "insured") -> String {
        self == .sqlite ? RowOrder.isOf(number, table) : "\(table).personal_number = \(number)"
    }
}

/// A row of a database's answer. Columns count from 0.
protocol RecordRow: ~Copyable {
    /// The column's text; nil for NULL.
    func text(_ column: Int32) -> String?
    /// The column's number; nil for NULL.
    func integer(_ column: Int32) -> Int?
}

/// The statements that find what a store knows about the subject of a question.
///
/// Parameters: the number asked about, the kind of card that is reported lost under it, and the day on which the shown
/// card was issued, or NULL. One row at least comes back, so that the data's age is known also where nobody is found; and
/// one statement sees one state of the data.
enum FindingsQuery {
    /// More records than any person has; bounds what a damaged registry can make of one answer.
    private static let recordLimit = 64

    static func byPerson(_ dialect: SQLDialect) -> String {
        select(dialect, dialect.isOf(dialect.parameter(1)))
    }

    static func byCard(_ dialect: SQLDialect) -> String {
        select(dialect, "\(dialect.lastTen("card_number")) = \(dialect.parameter(1))")
    }

    static func byParent(_ dialect: SQLDialect) -> String {
        select(
            dialect, "parent_personal_number = \(dialect.parameter(1)) AND parent_personal_number IS NOT NULL")
    }

    /// SQLite's statement for the records of a person alone, whose number is given as a number. Whose a record is, is to be
    /// compared by who asks, which costs less than another column.
    static let recordsOfPerson = """
        SELECT personal_number, card_number, full_name, birth_date, sex, insured_group, benefit_level, valid_from,
            valid_to, facility_code, area_code, five_years_from, status
        FROM insured WHERE \(RowOrder.isIn("?1")) LIMIT \(recordLimit)
        """

    /// SQLite's statement for the report of a lost identity card; its second parameter is the day of issue.
    static let lostIdentityCard = lostCard("?1", "'\(LostCard.Kind.identityCard.rawValue)'", "CAST(?2 AS TEXT)")

    private static func lostCard(_ number: String, _ kind: String, _ issuedOn: String) -> String {
        """
        SELECT lost_on FROM lost_card WHERE number = \(number) AND kind = \(kind) AND found_at IS NULL
            AND (\(issuedOn) IS NULL OR coalesce(issued_on = \(issuedOn), \(issuedOn) <= lost_on)) LIMIT 1
        """
    }

    private static func select(_ dialect: SQLDialect, _ condition: String) -> String {
        let (number, kind) = (dialect.parameter(1), dialect.parameter(2))
        let lostOn = lostCard(number, kind, "CAST(\(dialect.parameter(3)) AS TEXT)")
        return """
            SELECT data_as_of, promised_age, (\(lostOn)),
                personal_number, card_number, full_name, birth_date, sex, insured_group, benefit_level, valid_from,
                valid_to, facility_code, area_code, five_years_from, status,
                (SELECT name FROM facility WHERE code = facility_code)
            FROM state LEFT JOIN insured ON \(condition) LIMIT \(recordLimit)
            """
    }
}

extension Findings {
    /// Takes in a row of `FindingsQuery`.
    mutating func take(_ row: borrowing some RecordRow & ~Copyable, _ kind: LostCard.Kind) {
        if records.isEmpty {
            dataAsOf = row.integer(0).map(Timestamp.init(secondsSince1970:))
            promisedAge = row.integer(1).map(RegistryImport.boundedAge)
            let lostOn = row.text(2).flatMap(Day.init(iso:))
            switch kind {
            case .identityCard: idCardLostOn = lostOn
            case .insuranceCard: insuranceCardLostOn = lostOn
            }
        }
        if let record = InsuranceRecord(row, from: 3, facilityCode: row.text(12), facilityName: row.text(16)) {
            records.append(record)
        }
    }

    /// Puts the records in the order of their first days.
    ///
    /// Not by ORDER BY, for which SQLite would build a table at each question. Most often there is one record.
    mutating func putInOrder() {
        if records.count > 1 { records.sort { $0.validFrom < $1.validFrom } }
    }
}

extension InsuranceRecord {
    /// Takes the columns from `first` on: personal number, card number, name, birth date, sex, group, level, first and last
    /// day, facility, area, five years, status; nil when there is no record in them.
    init?(
        _ row: borrowing some RecordRow & ~Copyable, from first: Int32, facilityCode: String?, facilityName: String?
    ) {
        guard let fullName = row.text(first + 2), let birthDate = row.text(first + 3),
            let validFrom = row.text(first + 7).flatMap(Day.init(iso:))
        else { return nil }
        self.init(
            personalNumber: row.text(first), cardNumber: row.text(first + 1).flatMap(CardNumber.init),
            fullName: fullName, birthDate: birthDate, sex: row.text(first + 4), group: row.text(first + 5),
            level: row.integer(first + 6), validFrom: validFrom,
            validTo: row.text(first + 8).flatMap(Day.init(iso:)), facilityCode: facilityCode,
            facilityName: facilityName, areaCode: row.text(first + 10),
            fiveYearsFrom: row.text(first + 11).flatMap(Day.init(iso:)), status: row.text(first + 12))
    }
}

extension CheckedQuestion {
    /// The parameters of the statement that finds the subject: its number, the kind of lost card, and the day of issue.
    var lookUp: (number: String, kind: LostCard.Kind, issuedOn: String?) {
        let issuedOn = question.shownCard?.issuedOn?.description
        return switch subject {
        case .personalNumber(let number): (number, .identityCard, issuedOn)
        case .cardNumber(let card): (card.socialInsuranceNumber, .insuranceCard, nil)
        case .child(let parent): (parent, .identityCard, issuedOn)
        }
    }
}
