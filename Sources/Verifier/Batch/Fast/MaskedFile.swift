import Crypto
import Document

/// A file that is the same on every card but for the chip's own public keys, which nobody interprets as long as the chip is
/// not asked to prove that it holds them.
struct MaskedFile: Sendable {
    private let bytes: [UInt8]
    /// What must be equal: everything between the keys' bits.
    private let fixed: [Range<Int>]

    /// A file without such keys.
    init(whole bytes: [UInt8]) { self.init(bytes, free: []) }

    /// A file of which some parts may differ, which are given in order.
    init(_ bytes: [UInt8], free: [Range<Int>]) {
        self.bytes = bytes
        var fixed: [Range<Int>] = []
        var start = 0
        for part in free {
            fixed.append(start..<part.lowerBound)
            start = part.upperBound
        }
        self.fixed = fixed + [start..<bytes.count]
    }

    /// A DG14 or DG15: the content of each BIT STRING of a SubjectPublicKeyInfo in it may differ.
    init(keysIn bytes: [UInt8]) { self.init(bytes, free: Self.keys(bytes)) }

    /// Whether a file differs from this one in nothing but the keys.
    @inline(__always)
    func matches(_ file: Span<UInt8>) -> Bool {
        guard file.count == bytes.count else { return false }
        let bytes = self.bytes
        for range in fixed where !BatchBytes.areEqual(file.extracting(range), bytes.span.extracting(range)) {
            return false
        }
        return true
    }

    private static func keys(_ bytes: [UInt8]) -> [Range<Int>] {
        var keys: [Range<Int>] = []
        var file = TLVCursor(bytes.span)
        guard let outer = try? file.next() else { return [] }
        var content = file.inside(outer)
        if outer.tag == 0x6F {
            if let key = key(&content) { keys.append(key) }
            return keys
        }
        guard outer.tag == 0x6E, let set = try? content.next(.set) else { return [] }
        var infos = content.inside(set)
        while let info = try? infos.next(.sequence) {
            var fields = infos.inside(info)
            guard (try? fields.next(.objectIdentifier)) != nil else { continue }
            if let key = key(&fields) { keys.append(key) }
        }
        return keys
    }

    /// The content of the BIT STRING of the SubjectPublicKeyInfo that comes next, if one does.
    private static func key(_ cursor: inout TLVCursor) -> Range<Int>? {
        guard let info = try? cursor.next(.sequence) else { return nil }
        var fields = cursor.inside(info)
        guard (try? fields.next(.sequence)) != nil, let bits = try? fields.next(.bitString), fields.isAtEnd else {
            return nil
        }
        return bits.content
    }
}
