/// Bytes with their digest, which was worked out while they came in.
///
/// Nothing but `DigestingBuffer` makes one, so the digest is that of the bytes.
public struct DigestedBytes: Hashable, Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// How they were hashed.
    public let algorithm: DigestAlgorithm
    /// Their hash.
    public let digest: [UInt8]

    fileprivate init(bytes: [UInt8], algorithm: DigestAlgorithm, digest: [UInt8]) {
        self.bytes = bytes
        self.algorithm = algorithm
        self.digest = digest
    }
}

/// Takes bytes piece by piece, and hashes each as it comes.
public final class DigestingBuffer {
    /// What came so far.
    public private(set) var bytes: [UInt8] = []
    private let algorithm: DigestAlgorithm
    private var digest: Digest?

    /// - Throws: `CryptoError.unsupported` when this OpenSSL does not offer the algorithm.
    public init(_ algorithm: DigestAlgorithm) throws(CryptoError) {
        self.algorithm = algorithm
        digest = try Digest(algorithm)
    }

    /// Takes one more piece.
    public func append(_ piece: some Sequence<UInt8>) throws(CryptoError) {
        let piece = Array(piece)
        try digest?.update(piece)
        bytes += piece
    }

    /// All that came, with its hash; nil when it was asked for before.
    public func finish() throws(CryptoError) -> DigestedBytes? {
        guard let digest = digest.take() else { return nil }
        return DigestedBytes(bytes: bytes, algorithm: algorithm, digest: try digest.finish())
    }
}
