/// One of the tables of this folder, compiled into the program.
struct RulesTable {
    let name: String
    private let header: [String]
    private(set) var lines: [Line] = []

    /// One line of a table.
    struct Line {
        let table: String
        let number: Int
        private let values: [String: String]

        init(table: String, number: Int, values: [String: String]) {
            self.table = table
            self.number = number
            self.values = values
        }

        /// The value in `column`, which may be empty.
        func text(_ column: String) throws(RegistryError) -> String {
            guard let value = values[column] else { throw invalid("there is no column \(column)") }
            return value
        }

        func number(_ column: String, in range: ClosedRange<Int>) throws(RegistryError) -> Int {
            guard let value = Int(try text(column)), range.contains(value) else {
                throw invalid("\(column) is not a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }

        func flag(_ column: String) throws(RegistryError) -> Bool {
            switch try text(column) {
            case "yes": true
            case "no", "": false
            default: throw invalid("\(column) is neither yes nor no")
            }
        }

        /// The days on which the line holds.
        func period() throws(RegistryError) -> Period {
            guard let from = Day(iso: try text("from")) else { throw invalid("from is not a day as yyyy-mm-dd") }
            let end = try text("to")
            if end.isEmpty { return Period(from: from, to: nil) }
            guard let to = Day(iso: end), to >= from else { throw invalid("to is not a day as yyyy-mm-dd after from") }
            return Period(from: from, to: to)
        }

        func invalid(_ reason: String) -> RegistryError { .invalidRules(table: table, line: number, reason: reason) }
    }

    /// Days on which a rule holds, both included.
    struct Period {
        let from: Day
        let to: Day?

        func contains(_ day: Day) -> Bool { from <= day && (to.map { day <= $0 } ?? true) }
    }

    /// - Throws: `invalidRules` at the first line that is not well-formed.
    init(name: String, _ bytes: [UInt8]) throws(RegistryError) {
        self.name = name
        var reader = try DelimitedReader(InputWindow(bytes), separator: UInt8(ascii: ","))
        header = reader.header
        reading: while true {
            switch try reader.next() {
            case .end: break reading
            case .malformed(let reason):
                throw .invalidRules(table: name, line: reader.line, reason: reason.description)
            case .record:
                let texts = reader.fields.map { String(decoding: reader.bytes[$0], as: UTF8.self) }
                lines.append(
                    Line(
                        table: name, number: reader.line,
                        values: Dictionary(zip(header, texts), uniquingKeysWith: { first, _ in first })))
            }
        }
    }
}
