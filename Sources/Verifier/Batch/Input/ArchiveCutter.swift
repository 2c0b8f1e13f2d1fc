import Document

/// Cuts a card archive: records one after the other, each behind its length in four bytes, big-endian.
struct ArchiveCutter: RecordCutter {
    mutating func cut(_ bytes: Span<UInt8>, from start: Int, isEnd: Bool) -> CutRecords {
        var cut = CutRecords(end: start)
        cut.entries.reserveCapacity(CutRecords.maximumCount)
        while cut.entries.count < CutRecords.maximumCount, cut.end - start < CutRecords.maximumByteCount,
            cut.end < bytes.count
        {
            guard bytes.count - cut.end >= 4 else { return ended(cut, bytes.count, isEnd, "inside a length") }
            let length = Self.length(bytes, cut.end)
            guard length <= CardImage.maximumByteCount else {
                cut.entries.append(.unreadable("\(length) bytes are no length of a card image: the archive is damaged"))
                cut.isBroken = true
                return cut
            }
            guard bytes.count - cut.end - 4 >= length else {
                return ended(cut, bytes.count, isEnd, "inside the record")
            }
            cut.entries.append(.record(cut.end + 4..<cut.end + 4 + length))
            cut.end += 4 + length
        }
        return cut
    }

    /// The length at `offset`, where four bytes must be.
    static func length(_ bytes: Span<UInt8>, _ offset: Int) -> Int {
        (offset..<offset + 4).reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }

    private func ended(_ cut: CutRecords, _ count: Int, _ isEnd: Bool, _ place: String) -> CutRecords {
        guard isEnd else { return cut }
        var cut = cut
        cut.entries.append(.unreadable("the archive ends \(place)"))
        cut.end = count
        cut.isBroken = true
        return cut
    }
}

/// Cuts JSON lines: one object of names and base64 values on each.
struct LineCutter: RecordCutter {
    /// Base64 makes four characters of three bytes.
    private static let maximumLineByteCount = CardImage.maximumByteCount * 2

    mutating func cut(_ bytes: Span<UInt8>, from start: Int, isEnd: Bool) -> CutRecords {
        var cut = CutRecords(end: start)
        while cut.entries.count < CutRecords.maximumCount, cut.end - start < CutRecords.maximumByteCount,
            cut.end < bytes.count
        {
            var end = cut.end
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            guard end < bytes.count || isEnd else {
                guard end - cut.end > Self.maximumLineByteCount else { return cut }
                cut.entries.append(.unreadable("the line is longer than any card image"))
                cut.isBroken = true
                return cut
            }
            let line = cut.end..<end
            cut.end = min(end + 1, bytes.count)
            guard line.contains(where: { !Self.isSpace(bytes[$0]) }) else { continue }
            guard line.count <= Self.maximumLineByteCount else {
                cut.entries.append(.unreadable("the line is longer than any card image"))
                continue
            }
            cut.entries.append(.json(line))
        }
        return cut
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
