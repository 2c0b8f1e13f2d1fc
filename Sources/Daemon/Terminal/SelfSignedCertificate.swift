import Crypto
import Document
import FoundationEssentials
import Registry

/// A certificate (RFC 5280, 4.1) in which a terminal's key vouches for itself, until an authority does.
enum SelfSignedCertificate {
    private static let years = 20
    private static let ecdsaWithSHA256: [UInt8] =
        TLVEncoder.element(.sequence, ObjectIdentifier([1, 2, 840, 10045, 4, 3, 2]).encoded)

    /// - Parameter name: What the terminal is called; its common name becomes `cccd terminal NAME`.
    static func der(key: PrivateKey, name: String) throws(CryptoError) -> [UInt8] {
        let commonName = String("cccd terminal \(name)".prefix(64))
        let subject = element(
            .sequence,
            element(
                .set, element(.sequence, oid([2, 5, 4, 3]), TLVEncoder.element(.utf8String, Array(commonName.utf8)))))
        // Positive, and never shorter than the number it is: the first byte is neither zero nor above 0x7F.
        let serial = [0x40 | (try Random.bytes(1)[0] & 0x3F)] + (try Random.bytes(15))
        // Digital signatures alone: bit 0 of seven.
        let keyUsage = element(
            .sequence, oid([2, 5, 29, 15]), TLVEncoder.element(.boolean, [0xFF]),
            TLVEncoder.element(.octetString, TLVEncoder.element(.bitString, [0x07, 0x80])))
        let now = Timestamp.now.secondsSince1970
        let body = element(
            .sequence, element(0xA0, TLVEncoder.element(.integer, [2])), TLVEncoder.element(.integer, serial),
            ecdsaWithSHA256, subject,
            element(.sequence, time(now - 86_400), time(now + years * 31_557_600)), subject,
            try key.subjectPublicKeyInfo, element(0xA3, element(.sequence, keyUsage)))
        let signature = try key.sign(body, scheme: .ecdsa(.sha256))
        return element(.sequence, body, ecdsaWithSHA256, TLVEncoder.element(.bitString, [0] + signature))
    }

    private static func element(_ tag: Tag, _ children: [UInt8]...) -> [UInt8] { TLVEncoder.element(tag, children) }

    private static func oid(_ arcs: [UInt64]) -> [UInt8] { ObjectIdentifier(arcs).encoded }

    /// RFC 5280, 4.1.2.5: UTCTime until 2049, GeneralizedTime after it.
    private static func time(_ seconds: Int) -> [UInt8] {
        let text = Timestamp(secondsSince1970: seconds).description.filter { $0.isNumber || $0 == "Z" }
        let isUTCTime = text < "2050"
        return TLVEncoder.element(
            isUTCTime ? .utcTime : .generalizedTime, Array((isUTCTime ? String(text.dropFirst(2)) : text).utf8))
    }
}
