import COpenSSL

/// Hash functions with contexts that are kept: for one thread that hashes much that is short.
@safe package final class BatchDigests {
    private let contexts: [OpaquePointer]
    private let methods: [OpaquePointer]
    private let functions: [DigestFunctions?]
    private let work: UnsafeMutableRawPointer
    private let output: UnsafeMutablePointer<UInt8>

    /// - Parameter asksOnlyEVP: Whether the functions that are looked up by name are left alone.
    /// - Throws: `CryptoError.unsupported` when this OpenSSL lacks a hash function of Doc 9303.
    package init(asksOnlyEVP: Bool = false) throws(CryptoError) {
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
        unsafe functions = unsafe DigestAlgorithm.allCases.map { asksOnlyEVP ? nil : unsafe DigestFunctions($0) }
        unsafe work = .allocate(byteCount: DigestFunctions.contextByteCount, alignment: 16)
        unsafe output = .allocate(capacity: Int(EVP_MAX_MD_SIZE))
    }

    deinit {
        unsafe contexts.forEach { unsafe EVP_MD_CTX_free($0) }
        unsafe work.deallocate()
        unsafe output.deallocate()
    }

    /// Whether the hash of `bytes` is `expected`.
    package func matches(_ bytes: Span<UInt8>, _ algorithm: DigestAlgorithm, _ expected: Span<UInt8>) -> Bool {
        guard let hash = unsafe hash(nil, bytes, algorithm) else { return false }
        return BatchBytes.areEqual(unsafe Span(_unsafeElements: hash), expected)
    }

    /// The hash of `first`, if any, and `bytes` behind it; good until the next call.
    func hash(_ first: UInt8?, _ bytes: Span<UInt8>, _ algorithm: DigestAlgorithm) -> UnsafeBufferPointer<UInt8>? {
        let isDone = unsafe bytes.withUnsafeBytes { bytes in
            if let functions = unsafe functions[algorithm.index] {
                return unsafe hash(first, bytes, functions)
            }
            return unsafe hash(first, bytes, contexts[algorithm.index], methods[algorithm.index])
        }
        return unsafe isDone ? UnsafeBufferPointer(start: output, count: algorithm.byteCount) : nil
    }

    private func hash(_ first: UInt8?, _ bytes: UnsafeRawBufferPointer, _ functions: DigestFunctions) -> Bool {
        guard unsafe functions.begin(work) == 1 else { return false }
        if var first, unsafe functions.update(work, &first, 1) != 1 { return false }
        return unsafe functions.update(work, bytes.baseAddress, bytes.count) == 1
            && functions.finish(output, work) == 1
    }

    private func hash(
        _ first: UInt8?, _ bytes: UnsafeRawBufferPointer, _ context: OpaquePointer, _ method: OpaquePointer
    ) -> Bool {
        guard unsafe EVP_DigestInit_ex2(context, method, nil) == 1 else { return false }
        if var first, unsafe EVP_DigestUpdate(context, &first, 1) != 1 { return false }
        return unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
            && EVP_DigestFinal_ex(context, output, nil) == 1
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
