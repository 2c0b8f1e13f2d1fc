/// Sends rows to a server in the text form of COPY (PostgreSQL, SQL Commands, COPY: "File Formats").
struct CopyWriter: ~Copyable {
    private var buffer: [UInt8] = []
    private static let pieceByteCount = 262_144

    init() { buffer.reserveCapacity(Self.pieceByteCount + 4096) }

    /// Appends one row: `line` first, then each text, a range of `bytes` or nil for NULL.
    mutating func append(line: Int, _ bytes: [UInt8], _ texts: [Range<Int>?], last: [UInt8]? = nil) {
        append(decimal: line)
        for text in texts {
            buffer.append(UInt8(ascii: "\t"))
            guard let text, !text.isEmpty else {
                appendNull()
                continue
            }
            append(text: bytes[text])
        }
        if let last {
            buffer.append(UInt8(ascii: "\t"))
            buffer += last
        }
        buffer.append(lineFeed)
    }

    /// Appends one row of two texts.
    mutating func append(_ one: [UInt8], _ other: [UInt8]) {
        append(text: one[...])
        buffer.append(UInt8(ascii: "\t"))
        append(text: other[...])
        buffer.append(lineFeed)
    }

    /// Sends what has gathered, when that is a whole piece or all there is.
    mutating func send(
        _ connection: borrowing PostgreSQLConnection, isLast: Bool = false
    ) throws(RegistryError) {
        guard isLast ? !buffer.isEmpty : buffer.count >= Self.pieceByteCount else { return }
        try connection.put(buffer.span)
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func append(text: ArraySlice<UInt8>) {
        // No text that is kept has control characters: the backslash alone means something to COPY.
        guard text.contains(UInt8(ascii: "\\")) else {
            buffer += text
            return
        }
        for byte in text {
            if byte == UInt8(ascii: "\\") { buffer.append(byte) }
            buffer.append(byte)
        }
    }

    private mutating func appendNull() {
        buffer.append(UInt8(ascii: "\\"))
        buffer.append(UInt8(ascii: "N"))
    }

    private mutating func append(decimal number: Int) {
        buffer += Array(String(number).utf8)
    }
}
