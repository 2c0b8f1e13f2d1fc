import FoundationEssentials

/// Reads one JSON object per line. Values are strings, whole numbers or null; names are the columns' names.
struct JSONLinesReader: RecordReader, ~Copyable {
    let header = ImportColumn.allCases.map(\.name)
    private(set) var line = 0
    private(set) var bytes: [UInt8] = []
    private(set) var fields: [Range<Int>] = []
    private(set) var unknownNames: Set<String> = []
    private var window: InputWindow
    private var isAtStart = true
    private let decoder = JSONDecoder()

    var consumedByteCount: Int { window.consumedByteCount }

    init(_ window: consuming InputWindow) { self.window = window }

    mutating func next() throws(RegistryError) -> RecordOutcome {
        if isAtStart {
            isAtStart = false
            guard try window.skipByteOrderMark() else {
                throw .invalidHeader(reason: "the file is UTF-16; save it as UTF-8")
            }
        }
        while let text = try nextLine() {
            line += 1
            guard text.count <= RecordLimits.byteCount else { return .malformed(.tooLong) }
            if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == carriageReturn }) { continue }
            return read(text)
        }
        return .end
    }

    private mutating func read(_ text: [UInt8]) -> RecordOutcome {
        guard let object = try? decoder.decode([String: Scalar].self, from: Data(text)) else {
            return .malformed(.notAnObject)
        }
        var values = [String?](repeating: nil, count: ImportColumn.allCases.count)
        for (name, value) in object {
            if let column = ImportColumn(named: name) {
                values[column.rawValue] = value.text
            } else if unknownNames.count < RecordLimits.fieldCount {
                unknownNames.insert(name)
            }
        }
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        for value in values {
            let start = bytes.count
            bytes.append(contentsOf: (value ?? "").utf8)
            fields.append(start..<bytes.count)
        }
        return .record
    }

    private mutating func nextLine() throws(RegistryError) -> [UInt8]? {
        while true {
            let rest = window.bytes[window.start...]
            if let feed = rest.firstIndex(of: lineFeed) {
                let text = Array(rest[..<feed])
                window.consume(to: feed + 1)
                return text
            }
            if window.isAtEnd {
                guard !rest.isEmpty else { return nil }
                let text = Array(rest)
                window.consume(to: window.bytes.count)
                return text
            }
            if rest.count > RecordLimits.byteCount {
                let text = Array(rest)
                try window.skipLine()
                return text
            }
            try window.refill()
        }
    }

    private struct Scalar: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                text = nil
            } else if let number = try? container.decode(Int64.self) {
                text = String(number)
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}
