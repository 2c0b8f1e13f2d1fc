import COpenSSL

/// Hash functions with contexts that are kept: for one thread that hashes much that is short.
@safe package final class BatchDigests {
    private let contexts: [OpaquePointer]
    private let methods: [OpaquePointer]
    private let output: UnsafeMutablePointer<UInt8>

    /// - Throws: `CryptoError.unsupported` when this OpenSSL lacks a hash function of Doc 9303.
    package init() throws(CryptoError) {
        var contexts: [OpaquePointer] = unsafe []
        var methods: [OpaquePointer] = unsafe []
        for algorithm in DigestAlgorithm.allCases {
            guard let method = unsafe algorithm.method, let context = unsafe EVP_MD_CTX_new() else {
                unsafe contexts.forEach { unsafe EVP_MD_CTX_free($0) }
                throw .unsupported(algorithm.name)
            }
            unsafe contexts.append(context)
            unsafe methods.append(method)
        }
        unsafe self.contexts = contexts
        unsafe self.methods = methods
        unsafe output = .allocate(capacity: Int(EVP_MAX_MD_SIZE))
    }

    deinit {
        unsafe contexts.forEach { unsafe EVP_MD_CTX_free($0) }
        unsafe output.deallocate()
    }

    /// Whether the hash of `bytes` is `expected`.
    package func matches(_ bytes: Span<UInt8>, _ algorithm: DigestAlgorithm, _ expected: Span<UInt8>) -> Bool {
        guard let hash = unsafe hash(nil, bytes, algorithm) else { return false }
        return BatchBytes.areEqual(unsafe Span(_unsafeElements: hash), expected)
    }

    /// The hash of `first`, if any, and `bytes` behind it; good until the next call.
    func hash(_ first: UInt8?, _ bytes: Span<UInt8>, _ algorithm: DigestAlgorithm) -> UnsafeBufferPointer<UInt8>? {
        let index = algorithm.index
        let context = unsafe contexts[index]
        guard unsafe EVP_DigestInit_ex2(context, methods[index], nil) == 1 else { return nil }
        if var first, unsafe EVP_DigestUpdate(context, &first, 1) != 1 { return nil }
        let isAdded = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
        }
        guard isAdded, unsafe EVP_DigestFinal_ex(context, output, nil) == 1 else { return nil }
        return unsafe UnsafeBufferPointer(start: output, count: algorithm.byteCount)
    }
}

extension DigestAlgorithm {
    /// The place among all cases.
    var index: Int {
        switch self {
        case .sha1: 0
        case .sha224: 1
        case .sha256: 2
        case .sha384: 3
        case .sha512: 4
        }
    }
}

/// Comparing bytes in place, many at a time.
@safe package enum BatchBytes {
    /// Whether both have the same bytes. For public data: the time tells where they differ.
    package static func areEqual(_ a: Span<UInt8>, _ b: [UInt8]) -> Bool { areEqual(a, b.span) }

    /// Whether both have the same bytes. For public data: the time tells where they differ.
    package static func areEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        return unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                guard let start = a.baseAddress, let other = b.baseAddress else { return true }
                return unsafe memcmp(start, other, a.count) == 0
            }
        }
    }
}
