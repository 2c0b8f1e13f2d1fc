import COpenSSL

extension HMACSHA256 {
    /// Makes many MACs with one key, one after the other.
    ///
    /// The hash's states behind the padded keys (RFC 2104, 4) are kept, so that a short message costs two blocks of the hash.
    @safe public struct Hasher: ~Copyable {
        private enum State: Int, CaseIterable { case inner, outer, working }

        private let functions: DigestFunctions?
        private let states: UnsafeMutableRawPointer
        /// Where OpenSSL lacks the functions.
        private let key: SecretBytes

        private static let byteCount = unsafe DigestFunctions.contextByteCount * State.allCases.count
        private static let blockByteCount = 64

        /// - Parameter key: 16 to 64 bytes.
        /// - Throws: `CryptoError.invalidLength` when the key has another length.
        public init(key: SecretBytes) throws(CryptoError) {
            guard (16...Self.blockByteCount).contains(key.count) else {
                throw .invalidLength("an HMAC key of \(key.count) bytes")
            }
            let functions = unsafe DigestFunctions(.sha256)
            let states = UnsafeMutableRawPointer.allocate(byteCount: Self.byteCount, alignment: 16)
            unsafe states.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCount)
            if let functions = unsafe functions {
                for (state, padding) in [(State.inner, 0x36 as UInt8), (.outer, 0x5C)] {
                    guard unsafe Self.begin(Self.context(state, states), key, padding, functions) else {
                        unsafe OPENSSL_cleanse(states, Self.byteCount)
                        unsafe states.deallocate()
                        throw .fromQueue("HMAC")
                    }
                }
            }
            unsafe self.functions = unsafe functions
            self.key = key
            unsafe self.states = states
        }

        deinit {
            unsafe OPENSSL_cleanse(states, Self.byteCount)
            unsafe states.deallocate()
        }

        /// The 32 bytes of the MAC.
        public mutating func tag(_ message: Span<UInt8>) throws(CryptoError) -> InlineArray<32, UInt8> {
            var tag = InlineArray<32, UInt8>(repeating: 0)
            guard let functions = unsafe functions else {
                let bytes = try HMACSHA256.tag(key: key, message: message.indices.map { message[$0] })
                for index in tag.indices { tag[index] = bytes[index] }
                return tag
            }
            let working = unsafe Self.context(.working, states)
            unsafe working.copyMemory(from: Self.context(.inner, states), byteCount: DigestFunctions.contextByteCount)
            var bytes = tag.mutableSpan
            let isMade = unsafe message.withUnsafeBytes { message in
                unsafe bytes.withUnsafeMutableBufferPointer { tag in
                    guard unsafe functions.update(working, message.baseAddress, message.count) == 1,
                        unsafe functions.finish(tag.baseAddress, working) == 1
                    else { return false }
                    unsafe working.copyMemory(
                        from: Self.context(.outer, states), byteCount: DigestFunctions.contextByteCount)
                    return unsafe functions.update(working, tag.baseAddress, tag.count) == 1
                        && functions.finish(tag.baseAddress, working) == 1
                }
            }
            guard isMade else { throw .fromQueue("HMAC") }
            return tag
        }

        private static func context(_ state: State, _ states: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
            unsafe states + state.rawValue * DigestFunctions.contextByteCount
        }

        /// Hashes the key with `padding` over it.
        private static func begin(
            _ context: UnsafeMutableRawPointer, _ key: SecretBytes, _ padding: UInt8, _ functions: DigestFunctions
        ) -> Bool {
            var isDone = unsafe functions.begin(context) == 1
            let isHashed: Void? = try? key.withSpan { (key) throws(CryptoError) in
                for index in 0..<blockByteCount {
                    var byte = padding ^ (index < key.count ? key[index] : 0)
                    isDone = unsafe isDone && functions.update(context, &byte, 1) == 1
                }
            }
            return isDone && isHashed != nil
        }
    }
}
