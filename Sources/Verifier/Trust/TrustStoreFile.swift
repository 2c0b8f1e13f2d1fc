import Crypto
import Document
import FoundationEssentials

/// The file of a trust store: a line that names the format, SHA-256 of the rest, and then in DER
///
///     SEQUENCE OF SEQUENCE {
///         kind INTEGER, nameKey OCTET STRING, fingerprint OCTET STRING, source UTF8String, der OCTET STRING }
///
/// Names and fingerprints stand beside the certificates, so that opening parses none of them.
enum TrustStoreFile {
    static let magic = Array("cccd trust store 1\n".utf8)
    private static let digestByteCount = 32

    static func isOne(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// - Throws: `DocumentError` or `CryptoError` for a file that is damaged.
    static func decode(_ bytes: [UInt8]) throws -> TrustStore {
        let start = magic.count + digestByteCount
        guard bytes.count > start else { throw DocumentError.truncated(offset: bytes.count) }
        let digest = try Digest.hash(bytes.span.extracting(start..<bytes.count), with: .sha256)
        guard digest[...] == bytes[magic.count..<start] else {
            throw DocumentError.invalidValue(field: "checksum", reason: "it is not that of the content")
        }
        var cursor = TLVCursor(bytes.span, rules: .der).within(start..<bytes.count)
        var list = cursor.inside(try cursor.next(.sequence))
        try cursor.expectEnd()
        var store = TrustStore()
        while !list.isAtEnd {
            var fields = list.inside(try list.next(.sequence))
            store.restore(try entry(&fields, in: bytes))
            try fields.expectEnd()
        }
        return store
    }

    static func encode(_ store: TrustStore) throws(CryptoError) -> [UInt8] {
        var entries: [UInt8] = []
        for entry in store.entries {
            let nameKey = (0..<8).map { UInt8(truncatingIfNeeded: entry.nameKey >> UInt64(56 - 8 * $0)) }
            entries += TLVEncoder.element(
                .sequence,
                TLVEncoder.element(.integer, [UInt8(entry.kind.rawValue)])
                    + TLVEncoder.element(.octetString, nameKey)
                    + TLVEncoder.element(.octetString, entry.fingerprint)
                    + TLVEncoder.element(.utf8String, Array(entry.source.utf8))
                    + TLVEncoder.element(.octetString, Array(entry.der)))
        }
        let content = TLVEncoder.element(.sequence, entries)
        return magic + (try Digest.hash(content, with: .sha256)) + content
    }

    private static func entry(_ fields: inout TLVCursor, in bytes: [UInt8]) throws(DocumentError) -> TrustEntry {
        let number = try fields.nextSmallInteger("kind")
        guard let kind = TrustEntry.Kind(rawValue: number) else {
            throw .unsupported(field: "kind", value: "\(number)")
        }
        let nameKey = fields.copy(try fields.next(.octetString).content)
        let fingerprint = fields.copy(try fields.next(.octetString).content)
        guard nameKey.count == 8, fingerprint.count == digestByteCount else {
            throw .invalidValue(field: "entry", reason: "name or fingerprint has a wrong length")
        }
        let source = String(decoding: fields.copy(try fields.next(.utf8String).content), as: UTF8.self)
        let der = bytes[try fields.next(.octetString).content]
        return TrustEntry(
            kind: kind, fingerprint: fingerprint, source: source, der: der,
            nameKey: nameKey.reduce(0) { $0 << 8 | UInt64($1) })
    }
}

extension TrustStore {
    /// The largest store that is opened, in bytes.
    static let maximumFileByteCount = 256 << 20

    /// Opens the store in the file at `path`.
    ///
    /// - Throws: `TrustStoreError.unreadable`, `.tooLarge`, `.damaged`.
    public init(file path: String) throws(TrustStoreError) {
        let bytes = try Self.contents(path)
        guard TrustStoreFile.isOne(bytes) else { throw .damaged(path: path, reason: "it is no trust store") }
        let store: TrustStore
        do {
            store = try TrustStoreFile.decode(bytes)
        } catch {
            throw .damaged(path: path, reason: "\(error)")
        }
        self = store
    }

    /// Writes the store to the file at `path`. Whoever opens it meanwhile, or after a crash, sees the old store or the new.
    ///
    /// - Throws: `TrustStoreError.unwritable`.
    public func write(file path: String) throws(TrustStoreError) {
        do {
            try DurableFile.replace(path, with: try TrustStoreFile.encode(self))
        } catch {
            throw .unwritable(path: path, reason: "\(error)")
        }
    }

    static func contents(_ path: String) throws(TrustStoreError) -> [UInt8] {
        do throws(BoundedFile.Failure) {
            return try BoundedFile.bytes(path, maximum: maximumFileByteCount)
        } catch {
            throw error == .tooLarge ? .tooLarge(path: path) : .unreadable(path: path)
        }
    }
}
