import Crypto

/// Where nonces and ephemeral private keys come from: OpenSSL, or a script that replays a worked example.
struct Randomness: Sendable {
    /// So many random bytes.
    var bytes: @Sendable (_ count: Int) throws(CryptoError) -> [UInt8]
    /// A private scalar of a group, 1 … order − 1.
    var scalar: @Sendable (_ group: ECGroup) throws(CryptoError) -> SecretBytes
    /// A private exponent of a group, 1 … order − 1.
    var exponent: @Sendable (_ group: DHGroup) throws(CryptoError) -> SecretBytes

    /// OpenSSL's generator.
    static let openSSL = Randomness(
        bytes: { (count) throws(CryptoError) in try Random.bytes(count) },
        scalar: { (group) throws(CryptoError) in try group.randomScalar() },
        exponent: { (group) throws(CryptoError) in try group.randomExponent() })
}
