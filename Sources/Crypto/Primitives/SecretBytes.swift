import COpenSSL

/// Overwrites the bytes of an array that is not used any more.
public func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBufferPointer { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
}

/// Bytes of a key or another secret; wiped when the last owner lets go of them.
@safe public final class SecretBytes: @unchecked Sendable {
    private let storage: UnsafeMutableBufferPointer<UInt8>

    /// Number of bytes.
    public var count: Int { unsafe storage.count }

    /// Copies `bytes`. The caller's array is not wiped.
    public init(_ bytes: [UInt8]) {
        unsafe storage = .allocate(capacity: bytes.count)
        _ = unsafe storage.initialize(from: bytes)
    }

    private init(copying bytes: UnsafeBufferPointer<UInt8>) {
        unsafe storage = .allocate(capacity: bytes.count)
        _ = unsafe storage.initialize(from: bytes)
    }

    /// `count` bytes from OpenSSL's generator for private values.
    public init(randomCount count: Int) throws(CryptoError) {
        guard count >= 0, count <= 1 << 16 else { throw .invalidLength("\(count) random bytes") }
        unsafe storage = .allocate(capacity: count)
        unsafe storage.initialize(repeating: 0)
        guard unsafe RAND_priv_bytes(storage.baseAddress, Int32(count)) == 1 else {
            throw .fromQueue("RAND_priv_bytes")
        }
    }

    /// The bytes of `parts`, one behind the other.
    public init(joining parts: [SecretBytes]) {
        unsafe storage = .allocate(capacity: parts.reduce(0) { $0 + $1.count })
        var position = 0
        for part in parts {
            let rest = unsafe UnsafeMutableBufferPointer(rebasing: storage[position...])
            position += unsafe rest.initialize(fromContentsOf: part.storage)
        }
    }

    /// `count` bytes that `body` writes; they are zero before.
    init(count: Int, _ body: (UnsafeMutablePointer<UInt8>?) throws(CryptoError) -> Void) throws(CryptoError) {
        unsafe storage = .allocate(capacity: count)
        unsafe storage.initialize(repeating: 0)
        try unsafe body(storage.baseAddress)
    }

    deinit {
        unsafe OPENSSL_cleanse(storage.baseAddress, storage.count)
        unsafe storage.deallocate()
    }

    /// Lends the bytes to `body`.
    public func withSpan<R>(_ body: (Span<UInt8>) throws(CryptoError) -> R) throws(CryptoError) -> R {
        try body(unsafe UnsafeBufferPointer(storage).span)
    }

    /// A copy that nobody wipes; for protocol steps that put the value on the wire, and for tests.
    public var bytes: [UInt8] { unsafe Array(storage) }

    /// The first `count` bytes, or all of them when there are fewer.
    public func prefix(_ count: Int) -> SecretBytes {
        unsafe SecretBytes(copying: UnsafeBufferPointer(rebasing: storage.prefix(max(0, count))))
    }

    func withPointer<R>(_ body: (UnsafePointer<UInt8>?, Int) throws(CryptoError) -> R) throws(CryptoError) -> R {
        try unsafe body(UnsafePointer(storage.baseAddress), storage.count)
    }
}
