/// A line of COPY's text form taken apart, in buffers that are reused.
struct CopiedRow {
    /// The buffer that `values` refers to.
    private(set) var bytes: [UInt8] = []
    /// Where each column's value stands, nil for NULL.
    private(set) var values: [Range<Int>?] = []
    private let columnCount: Int

    init(columnCount: Int) { self.columnCount = columnCount }

    /// - Throws: `serverFailed` when the line has another number of columns, a value longer than any of ours, or an escape
    ///   that none needs.
    mutating func read(_ line: Span<UInt8>, server: String) throws(RegistryError) {
        bytes.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        var start = 0
        var isNull = false
        var index = 0
        let backslash = UInt8(ascii: "\\")
        while index < line.count {
            let byte = line[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\t"), lineFeed:
                values.append(isNull ? nil : start..<bytes.count)
                start = bytes.count
                isNull = false
            case backslash:
                guard index < line.count else { throw Self.malformed(server) }
                switch line[index] {
                case UInt8(ascii: "N"): isNull = true
                case backslash: bytes.append(backslash)
                default: throw Self.malformed(server)
                }
                index += 1
            default: bytes.append(byte)
            }
        }
        guard values.count == columnCount, values.allSatisfy({ ($0?.count ?? 0) <= RowSort.valueLimit }) else {
            throw Self.malformed(server)
        }
    }

    private static func malformed(_ server: String) -> RegistryError {
        .serverFailed(server: server, ServerFailure(code: "", message: "a row that cannot be read", operation: "COPY"))
    }
}
