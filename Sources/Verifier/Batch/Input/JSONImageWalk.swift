import Document

/// Turns the JSON form of a card image into a record, in one pass: an object of names and base64 without escapes, each
/// file one element with the tag that its name stands for. Anything else is left to `CardImage`.
struct JSONImageWalk: ~Escapable {
    private let json: Span<UInt8>
    private var position: Int
    private let end: Int

    /// Appends the record of the object at `range` to `output` and returns true, or leaves `output` as it was and returns
    /// false.
    static func append(_ json: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) -> Bool {
        let start = output.count
        var walk = JSONImageWalk(json, range)
        if walk.appendFiles(to: &output), output.count - start <= CardImage.maximumByteCount { return true }
        output.removeSubrange(start...)
        return false
    }

    @_lifetime(copy json)
    private init(_ json: Span<UInt8>, _ range: Range<Int>) {
        self.json = json
        position = range.lowerBound
        end = range.upperBound
    }

    private mutating func appendFiles(to output: inout [UInt8]) -> Bool {
        var seen: Set<ElementaryFile> = []
        guard take(UInt8(ascii: "{")) else { return false }
        repeat {
            guard let name = string(), take(UInt8(ascii: ":")), let value = string(), let file = file(name),
                seen.insert(file).inserted
            else { return false }
            let start = output.count
            guard decode(value, to: &output), Self.isOneElement(output, start, file) else { return false }
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { return false }
        skipSpace()
        return position == end
    }

    private mutating func skipSpace() {
        while position < end, LineCutter.isSpace(json[position]) || json[position] == 0x0A { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < end, json[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func string() -> Range<Int>? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = position
        while position < end, json[position] != UInt8(ascii: "\"") {
            guard json[position] != UInt8(ascii: "\\") else { return nil }
            position += 1
        }
        guard position < end else { return nil }
        position += 1
        return start..<position - 1
    }

    private func file(_ name: Range<Int>) -> ElementaryFile? {
        guard name.count <= 32 else { return nil }
        var text: [UInt8] = []
        for index in name { text.append(json[index]) }
        return ElementaryFile(name: String(decoding: text, as: UTF8.self))
    }

    /// Base64 with padding and without line breaks (RFC 4648, 4).
    private func decode(_ text: Range<Int>, to output: inout [UInt8]) -> Bool {
        guard text.count.isMultiple(of: 4) else { return false }
        var padding = 0
        if text.count >= 4, json[text.upperBound - 1] == UInt8(ascii: "=") {
            padding = json[text.upperBound - 2] == UInt8(ascii: "=") ? 2 : 1
        }
        output.reserveCapacity(output.count + text.count / 4 * 3)
        var position = text.lowerBound
        while position < text.upperBound {
            let isLast = position + 4 == text.upperBound
            var group: UInt32 = 0
            for index in 0..<4 {
                let value = isLast && index >= 4 - padding ? 0 : Self.values[Int(json[position + index])]
                guard value < 64 else { return false }
                group = group << 6 | UInt32(value)
            }
            let count = isLast ? 3 - padding : 3
            for index in 0..<count { output.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * index))) }
            position += 4
        }
        return true
    }

    private static func isOneElement(_ bytes: [UInt8], _ start: Int, _ file: ElementaryFile) -> Bool {
        var cursor = TLVCursor(bytes.span.extracting(start..<bytes.count))
        guard let element = try? cursor.next(), cursor.isAtEnd else { return false }
        switch file {
        case .cardAccess: return element.tag == .set
        case .cardSecurity: return element.tag == .sequence
        default: return element.tag == file.tag
        }
    }

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
}
