import Document

/// Cuts a tar stream (POSIX.1-2001, pax; the older ustar; GNU's long names) into card images: the elementary files that stand
/// one after the other in one folder are an image, and so is any other file that holds one by itself.
struct TarCutter: RecordCutter {
    private static let blockByteCount = 512
    /// No elementary file is larger, and no image in base64.
    private static let maximumFileByteCount = CardImage.maximumByteCount * 2

    private struct Member {
        let name: String
        let content: Range<Int>
        let end: Int
    }

    mutating func cut(_ bytes: Span<UInt8>, from start: Int, isEnd: Bool) -> CutRecords {
        var cut = CutRecords(end: start)
        var converted: [UInt8] = []
        var position = start
        var image = CardImage()
        var folder: String?
        func finishImage(_ cut: inout CutRecords, at end: Int) {
            if let name = folder, !image.files.isEmpty {
                add(image, name, &cut, &converted)
            }
            image = CardImage()
            folder = nil
            cut.end = end
        }
        reading: while cut.entries.count < CutRecords.maximumCount, position - start < CutRecords.maximumByteCount {
            switch next(bytes, at: position) {
            case .incomplete:
                guard isEnd else { break reading }
                finishImage(&cut, at: bytes.count)
                if position < bytes.count {
                    cut.entries.append(.unreadable("the tar stream ends inside a file"))
                    cut.names.append("")
                    cut.isBroken = true
                }
                break reading
            case .end:
                finishImage(&cut, at: bytes.count)
                cut.isBroken = true
                break reading
            case .broken(let reason):
                finishImage(&cut, at: position)
                cut.entries.append(.unreadable(reason))
                cut.names.append("")
                cut.isBroken = true
                break reading
            case .other(let end):
                position = end
                if folder == nil { cut.end = end }
            case .file(let member):
                let (parent, name) = Self.split(member.name)
                if let file = ElementaryFile(fileName: name) {
                    if let folder, folder != parent { finishImage(&cut, at: position) }
                    folder = parent
                    image[file] = member.content.map { bytes[$0] }
                } else {
                    finishImage(&cut, at: member.end)
                    add(single: member.content.map { bytes[$0] }, member.name, &cut, &converted)
                }
                position = member.end
            }
        }
        // An image that may go on behind what is here is cut again from its first file next time.
        if position >= bytes.count, isEnd, folder != nil { finishImage(&cut, at: bytes.count) }
        cut.converted = converted
        return cut
    }

    private enum Found {
        case file(Member)
        case other(end: Int)
        case end
        case incomplete
        case broken(String)
    }

    /// The file whose header, or the headers before it, stand at `position`.
    private func next(_ bytes: Span<UInt8>, at position: Int) -> Found {
        var position = position
        var longName: String?
        // A header may be preceded by one of pax and one of GNU.
        for _ in 0..<4 {
            guard bytes.count - position >= Self.blockByteCount else { return .incomplete }
            if (position..<position + Self.blockByteCount).allSatisfy({ bytes[$0] == 0 }) { return .end }
            guard Self.hasRightChecksum(bytes, position), let size = Self.octal(bytes, position + 124, 12) else {
                return .broken("the tar stream is damaged: a header has a wrong checksum or size")
            }
            let content = position + Self.blockByteCount
            guard size <= Self.maximumFileByteCount else {
                return .broken("a file of \(size) bytes in the tar stream is larger than any card image")
            }
            let end = content + (size + Self.blockByteCount - 1) / Self.blockByteCount * Self.blockByteCount
            guard end <= bytes.count else { return .incomplete }
            switch bytes[position + 156] {
            case UInt8(ascii: "x"): longName = Self.paxPath(bytes, content..<content + size) ?? longName
            case UInt8(ascii: "L"): longName = Self.text(bytes, content, size)
            case UInt8(ascii: "0"), 0:
                let prefix = Self.text(bytes, position + 345, 155)
                let name = Self.text(bytes, position, 100)
                let isUstar = bytes[position + 257] == UInt8(ascii: "u") && bytes[position + 263] == UInt8(ascii: "0")
                let full = isUstar && !prefix.isEmpty ? prefix + "/" + name : name
                return .file(Member(name: longName ?? full, content: content..<content + size, end: end))
            default: return .other(end: end)
            }
            position = end
        }
        return .broken("the tar stream is damaged: too many headers before a file")
    }

    private func add(_ image: CardImage, _ name: String, _ cut: inout CutRecords, _ converted: inout [UInt8]) {
        let size = image.files.values.reduce(0) { $0 + $1.count }
        if size > CardImage.maximumByteCount {
            cut.entries.append(.unreadable("\(size) bytes are more than a card image has"))
        } else if let record = try? image.record {
            cut.entries.append(.record(converted.count..<converted.count + record.count))
            converted += record
        } else {
            cut.entries.append(.image(image))
        }
        cut.names.append(name)
    }

    private func add(single bytes: [UInt8], _ name: String, _ cut: inout CutRecords, _ converted: inout [UInt8]) {
        if bytes.first(where: { !LineCutter.isSpace($0) && $0 != UInt8(ascii: "\n") }) == UInt8(ascii: "{") {
            cut.entries.append(.json(converted.count..<converted.count + bytes.count))
        } else {
            cut.entries.append(.record(converted.count..<converted.count + bytes.count))
        }
        converted += bytes
        cut.names.append(name)
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    /// The text of a field that ends with its first zero.
    private static func text(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> String {
        String(decoding: (start..<start + count).map { bytes[$0] }.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func octal(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
        var value = 0
        for index in start..<start + count {
            let byte = bytes[index]
            if byte == 0 || byte == 0x20 { continue }
            guard byte &- 0x30 < 8 else { return nil }
            value = value << 3 | Int(byte & 7)
        }
        return value
    }

    /// The sum of the header's bytes with the field of the checksum taken as spaces.
    private static func hasRightChecksum(_ bytes: Span<UInt8>, _ start: Int) -> Bool {
        var sum = 0
        for index in 0..<blockByteCount { sum += (148..<156).contains(index) ? 0x20 : Int(bytes[start + index]) }
        return octal(bytes, start + 148, 8) == sum
    }

    /// The value of `path` among pax's records, each `length key=value\n`.
    private static func paxPath(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String? {
        let text = String(decoding: range.map { bytes[$0] }, as: UTF8.self)
        for line in text.split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            let pair = line[line.index(after: space)...]
            if pair.hasPrefix("path=") { return String(pair.dropFirst(5)) }
        }
        return nil
    }
}
