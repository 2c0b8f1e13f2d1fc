import COpenSSL

/// A message digest in progress (FIPS 180-4), backed by OpenSSL's EVP_MD_CTX.
@safe public struct Digest: ~Copyable {
    private let context: OpaquePointer
    private let algorithm: DigestAlgorithm

    /// - Throws: `CryptoError.unsupported` when this OpenSSL does not offer the algorithm.
    public init(_ algorithm: DigestAlgorithm) throws(CryptoError) {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .fromQueue("EVP_MD_CTX_new") }
        guard let method = unsafe algorithm.method, unsafe EVP_DigestInit_ex2(context, method, nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            CryptoError.drainedQueue()
            throw .unsupported(algorithm.name)
        }
        self.algorithm = algorithm
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Adds `bytes` to what is hashed.
    public mutating func update(_ bytes: Span<UInt8>) throws(CryptoError) {
        let done = unsafe bytes.withUnsafeBufferPointer { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        guard done == 1 else { throw .fromQueue("EVP_DigestUpdate") }
    }

    /// Adds `bytes` to what is hashed.
    public mutating func update(_ bytes: [UInt8]) throws(CryptoError) { try update(bytes.span) }

    /// The hash of all that was added.
    public consuming func finish() throws(CryptoError) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: algorithm.byteCount)
        guard unsafe EVP_DigestFinal_ex(context, &hash, nil) == 1 else { throw .fromQueue("EVP_DigestFinal_ex") }
        return hash
    }

    /// Adds a secret to what is hashed.
    public mutating func update(_ secret: SecretBytes) throws(CryptoError) {
        let done = try unsafe secret.withPointer { (bytes, count) throws(CryptoError) in
            unsafe EVP_DigestUpdate(context, bytes, count)
        }
        guard done == 1 else { throw .fromQueue("EVP_DigestUpdate") }
    }

    /// The hash of all that was added, where it is a secret itself.
    public consuming func finishSecret() throws(CryptoError) -> SecretBytes {
        let context = unsafe self.context
        return try unsafe SecretBytes(count: algorithm.byteCount) { (bytes) throws(CryptoError) in
            guard unsafe EVP_DigestFinal_ex(context, bytes, nil) == 1 else { throw .fromQueue("EVP_DigestFinal_ex") }
        }
    }

    /// The hash of `bytes`.
    public static func hash(_ bytes: Span<UInt8>, with algorithm: DigestAlgorithm) throws(CryptoError) -> [UInt8] {
        var digest = try Digest(algorithm)
        try digest.update(bytes)
        return try digest.finish()
    }

    /// The hash of `bytes`.
    public static func hash(_ bytes: [UInt8], with algorithm: DigestAlgorithm) throws(CryptoError) -> [UInt8] {
        try hash(bytes.span, with: algorithm)
    }

    /// The SHA-256 of `bytes`, without what EVP does around it: for short texts of which there are many.
    public static func sha256(_ bytes: Span<UInt8>) throws(CryptoError) -> InlineArray<32, UInt8> {
        var hash = InlineArray<32, UInt8>(repeating: 0)
        guard let functions = unsafe sha256Functions else {
            let found = try Self.hash(bytes, with: .sha256)
            for index in hash.indices { hash[index] = found[index] }
            return hash
        }
        var span = hash.mutableSpan
        let isMade = unsafe bytes.withUnsafeBytes { bytes in
            unsafe span.withUnsafeMutableBufferPointer { hash in
                unsafe withUnsafeTemporaryAllocation(byteCount: DigestFunctions.contextByteCount, alignment: 16) {
                    context in
                    unsafe functions.begin(context.baseAddress) == 1
                        && functions.update(context.baseAddress, bytes.baseAddress, bytes.count) == 1
                        && functions.finish(hash.baseAddress, context.baseAddress) == 1
                }
            }
        }
        guard isMade else { throw .fromQueue("SHA256") }
        return hash
    }

    @unsafe private static let sha256Functions = unsafe DigestFunctions(.sha256)
}
