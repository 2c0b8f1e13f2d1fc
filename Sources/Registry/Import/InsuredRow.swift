/// One record on its way from a file into the table `insured`: checked, in the table's form, in buffers that are reused.
struct InsuredRow {
    /// The columns of the table `insured` behind `id`, in order.
    enum Column: Int, CaseIterable {
        case personalNumber, cardNumber, fullName, birthDate, sex, group, level, validFrom, validTo, facilityCode
        case areaCode, fiveYearsFrom, parentPersonalNumber, status, updatedOn
    }

    enum Operation { case put, delete }

    /// Why a field's value cannot be kept.
    struct Rejection: Error {
        let column: ImportColumn
        let reason: RejectionReason
    }

    /// The buffer that `values` refers to.
    private(set) var bytes: [UInt8] = []
    /// By `Column`: where its value stands, nil for NULL.
    private(set) var values = [Range<Int>?](repeating: nil, count: Column.allCases.count)
    /// Where the facility's name stands, which goes into a table of its own.
    private(set) var facilityName: Range<Int>?
    private(set) var operation = Operation.put

    private let layout: ColumnLayout
    private let mode: ImportMode

    init(layout: ColumnLayout, mode: ImportMode) {
        self.layout = layout
        self.mode = mode
    }

    /// The value of `column` as text.
    func text(_ column: Column) -> String? {
        values[column.rawValue].map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    /// Checks a record and takes its values over.
    mutating func read(_ source: Span<UInt8>, _ fields: [Range<Int>]) throws(Rejection) {
        bytes.removeAll(keepingCapacity: true)
        for index in values.indices { values[index] = nil }
        facilityName = nil
        operation = try readOperation(source, fields)
        let isPut = operation == .put

        values[Column.personalNumber.rawValue] = try number(.personalNumber, source, fields)
        values[Column.cardNumber.rawValue] = try cardNumber(source, fields)
        guard values[Column.personalNumber.rawValue] != nil || values[Column.cardNumber.rawValue] != nil else {
            throw Rejection(column: .personalNumber, reason: .missing)
        }
        let validFrom = try date(.validFrom, .validFrom, source, fields, isRequired: true)
        guard isPut else { return }

        values[Column.fullName.rawValue] = try name(.fullName, source, fields, limit: 160)
        guard values[Column.fullName.rawValue] != nil else { throw Rejection(column: .fullName, reason: .missing) }
        _ = try date(.birthDate, .birthDate, source, fields, isRequired: true, isPartial: true)
        values[Column.sex.rawValue] = try sex(source, fields)
        values[Column.group.rawValue] = try group(source, fields)
        values[Column.level.rawValue] = try code(.level, source, fields, expected: "a level from 1 to 5") {
            $0.count == 1 && (0x31...0x35).contains($0[0])
        }
        let validTo = try date(.validTo, .validTo, source, fields)
        if let validFrom, let validTo, validTo < validFrom {
            throw Rejection(column: .validTo, reason: .endsBeforeItBegins)
        }
        values[Column.facilityCode.rawValue] = try code(
            .facilityCode, source, fields, expected: "a facility code of five letters or digits", Self.isFacilityCode)
        facilityName = try name(.facilityName, source, fields, limit: 200)
        values[Column.areaCode.rawValue] = try code(.areaCode, source, fields, expected: "K1, K2 or K3") {
            $0.count == 2 && $0[0] == UInt8(ascii: "K") && (0x31...0x33).contains($0[1])
        }
        _ = try date(.fiveYearsFrom, .fiveYearsFrom, source, fields)
        values[Column.parentPersonalNumber.rawValue] = try number(.parentPersonalNumber, source, fields)
        values[Column.status.rawValue] = try status(source, fields)
        _ = try date(.updatedOn, .updatedOn, source, fields)
    }

    /// The field of `column` without surrounding spaces; nil when it is empty or the file has no such column.
    private func field(_ column: ImportColumn, _ source: Span<UInt8>, _ fields: [Range<Int>]) -> Range<Int>? {
        guard let index = layout.fieldOfColumn[column.rawValue], index < fields.count else { return nil }
        var range = fields[index]
        guard range.lowerBound >= 0, range.upperBound <= source.count else { return nil }
        while let first = range.first, Self.isSpace(source[first]) { range = first + 1..<range.upperBound }
        while let last = range.last, Self.isSpace(source[last]) { range = range.lowerBound..<last }
        return range.isEmpty ? nil : range
    }

    private mutating func append(_ source: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        let start = bytes.count
        for index in range { bytes.append(source[index]) }
        return start..<bytes.count
    }

    private mutating func append(_ text: [UInt8]) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: text)
        return start..<bytes.count
    }

    private func readOperation(
        _ source: Span<UInt8>, _ fields: [Range<Int>]
    ) throws(Rejection) -> Operation {
        guard let range = field(.operation, source, fields) else { return .put }
        if Words.put.contains(where: { equals(source, range, $0) }) { return .put }
        if mode == .changes, Words.delete.contains(where: { equals(source, range, $0) }) { return .delete }
        let expected = mode == .changes ? "put or delete" : "put, as it must be in a full load"
        throw Rejection(column: .operation, reason: .form(expected: expected))
    }

    private mutating func number(
        _ column: ImportColumn, _ source: Span<UInt8>, _ fields: [Range<Int>]
    ) throws(Rejection) -> Range<Int>? {
        guard let range = field(column, source, fields) else { return nil }
        guard PersonalNumber.isWellFormed(source.extracting(range)) else {
            throw Rejection(column: column, reason: .form(expected: "12 digits"))
        }
        return append(source, range)
    }

    private mutating func cardNumber(
        _ source: Span<UInt8>, _ fields: [Range<Int>]
    ) throws(Rejection) -> Range<Int>? {
        if let range = field(.cardNumber, source, fields) {
            let start = bytes.count
            guard CardNumber.append(source.extracting(range), to: &bytes) else {
                throw Rejection(
                    column: .cardNumber, reason: .form(expected: "two letters and 13 digits, or ten digits"))
            }
            return start..<bytes.count
        }
        return try code(.socialInsuranceNumber, source, fields, expected: "ten digits") { text in
            guard text.count == 10 else { return false }
            for index in text.indices where decimalDigit(text[index]) == nil { return false }
            return true
        }
    }

    private mutating func date(
        _ column: ImportColumn, _ target: Column, _ source: Span<UInt8>, _ fields: [Range<Int>],
        isRequired: Bool = false, isPartial: Bool = false
    ) throws(Rejection) -> Day? {
        guard let range = field(column, source, fields) else {
            if isRequired { throw Rejection(column: column, reason: .missing) }
            return nil
        }
        guard let date = DateText(source.extracting(range)) else {
            throw Rejection(column: column, reason: .form(expected: "a date as dd/mm/yyyy or yyyy-mm-dd"))
        }
        let start = bytes.count
        date.append(to: &bytes)
        values[target.rawValue] = start..<bytes.count
        if case .day(let day) = date { return day }
        guard isPartial else { throw Rejection(column: column, reason: .form(expected: "a whole date")) }
        return nil
    }

    private mutating func name(
        _ column: ImportColumn, _ source: Span<UInt8>, _ fields: [Range<Int>], limit: Int
    ) throws(Rejection) -> Range<Int>? {
        guard let range = field(column, source, fields) else { return nil }
        guard range.count <= limit else { throw Rejection(column: column, reason: .longerThan(limit: limit)) }
        var isASCII = true
        for index in range {
            let byte = source[index]
            if byte < 0x20 || byte == 0x7F { throw Rejection(column: column, reason: .notText) }
            if byte >= 0x80 { isASCII = false }
        }
        if !isASCII, (try? UTF8Span(validating: source.extracting(range))) == nil {
            throw Rejection(column: column, reason: .notText)
        }
        return append(source, range)
    }

    private mutating func code(
        _ column: ImportColumn, _ source: Span<UInt8>, _ fields: [Range<Int>], expected: String,
        _ isRight: (Span<UInt8>) -> Bool
    ) throws(Rejection) -> Range<Int>? {
        guard let range = field(column, source, fields) else { return nil }
        guard isRight(source.extracting(range)) else {
            throw Rejection(column: column, reason: .form(expected: expected))
        }
        return append(source, range)
    }

    private mutating func group(_ source: Span<UInt8>, _ fields: [Range<Int>]) throws(Rejection) -> Range<Int>? {
        try code(.group, source, fields, expected: "two capital letters") { text in
            let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
            return text.count == 2 && letters.contains(text[0]) && letters.contains(text[1])
        }
    }

    private mutating func sex(_ source: Span<UInt8>, _ fields: [Range<Int>]) throws(Rejection) -> Range<Int>? {
        guard let range = field(.sex, source, fields) else { return nil }
        for word in Words.male where equals(source, range, word) { return append(Words.male[0]) }
        for word in Words.female where equals(source, range, word) { return append(Words.female[0]) }
        throw Rejection(column: .sex, reason: .form(expected: "male or female, Nam or Nữ, 1 or 2"))
    }

    private mutating func status(_ source: Span<UInt8>, _ fields: [Range<Int>]) throws(Rejection) -> Range<Int>? {
        guard let range = field(.status, source, fields) else { return nil }
        for word in Words.inForce where equals(source, range, word) { return nil }
        for word in Words.notInForce where equals(source, range, word) { return append(word) }
        throw Rejection(column: .status, reason: .form(expected: "000, 110 or 120 to 124"))
    }

    /// Whether the field is `text`, upper and lower case of ASCII letters being the same.
    private func equals(_ source: Span<UInt8>, _ range: Range<Int>, _ text: [UInt8]) -> Bool {
        guard range.count == text.count else { return false }
        for (offset, expected) in text.enumerated() {
            let byte = source[range.lowerBound + offset]
            let lowered = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            guard byte == expected || lowered == expected else { return false }
        }
        return true
    }

    /// Words of fixed columns; the first is the one that the table keeps.
    private enum Words {
        static let male = bytes("male", "nam", "1")
        static let female = bytes("female", "nữ", "nỮ", "nu", "2")
        static let put = bytes("put")
        static let delete = bytes("delete")
        static let inForce = bytes("000")
        static let notInForce = bytes("110", "120", "121", "122", "123", "124")

        private static func bytes(_ words: String...) -> [[UInt8]] { words.map { Array($0.utf8) } }
    }

    private static func isFacilityCode(_ text: Span<UInt8>) -> Bool {
        guard text.count == 5 else { return false }
        for index in text.indices {
            let byte = text[index]
            guard decimalDigit(byte) != nil || (0x41...0x5A).contains(byte) else { return false }
        }
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
