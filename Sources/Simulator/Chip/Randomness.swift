import Crypto

/// Where a chip takes its nonces and ephemeral keys from.
///
/// A chip uses OpenSSL's generator; a test that replays a worked example of the standard gives the example's values.
public protocol ChipRandomness: Sendable {
    /// `count` bytes of a challenge or a nonce.
    func bytes(_ count: Int) throws(CryptoError) -> [UInt8]
    /// An ephemeral private key of `group`, big-endian.
    func scalar(of group: ECGroup) throws(CryptoError) -> SecretBytes
    /// An ephemeral private exponent of `group`, big-endian.
    func exponent(of group: DHGroup) throws(CryptoError) -> SecretBytes
}

/// OpenSSL's generator.
public struct SystemRandomness: ChipRandomness {
    /// Needs no state.
    public init() {}

    /// `count` bytes of a challenge or a nonce.
    public func bytes(_ count: Int) throws(CryptoError) -> [UInt8] { try Random.bytes(count) }

    /// An ephemeral private key of `group`, big-endian.
    public func scalar(of group: ECGroup) throws(CryptoError) -> SecretBytes { try group.randomScalar() }

    /// An ephemeral private exponent of `group`, big-endian.
    public func exponent(of group: DHGroup) throws(CryptoError) -> SecretBytes { try group.randomExponent() }
}
