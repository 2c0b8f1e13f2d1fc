import Crypto
import Document

@testable import CardReader

/// The chip's side of terminal authentication (Doc 9303-11, 7.1), for tests.
final class ChipTerminalTrust {
    /// The reference of the certification authority whose key the chip trusts.
    let authority: [UInt8]
    /// The keys by the reference under which certificates import them; the first is the authority's own.
    private var keys: [[UInt8]: PublicKey]
    private let certified: [[UInt8]: PublicKey]
    private let scheme: SignatureScheme
    private var selected: [UInt8] = []

    /// - Parameter certified: The keys that are in the certificates, which the chip would parse.
    init(authority: [UInt8], key: PublicKey, certified: [[UInt8]: PublicKey], scheme: SignatureScheme) {
        self.authority = authority
        keys = [authority: key]
        self.certified = certified
        self.scheme = scheme
    }

    /// MSE:Set DST, PSO:Verify Certificate and MSE:Set AT.
    func step(_ header: [UInt8], _ data: [UInt8]) throws -> [UInt8] {
        if header[1] == 0x22 {
            var cursor = TLVCursor(data.span)
            selected = cursor.copy(try cursor.next(0x83).content)
            return keys[selected] == nil ? [0x6A, 0x88] : [0x90, 0x00]
        }
        let certificate = try CardVerifiableCertificate(TLVEncoder.element(0x7F21, data))
        guard let key = keys[selected], certificate.authorityReference == selected,
            try key.verify(
                signature: Self.signature(certificate.signature, scheme), message: certificate.body, scheme: scheme)
        else { return [0x63, 0x00] }
        keys[certificate.holderReference] = certified[certificate.holderReference]
        return [0x90, 0x00]
    }

    func isRight(_ signature: [UInt8], over message: [UInt8]) throws -> Bool {
        guard let key = keys[selected] else { return false }
        let element = TLVEncoder.element(0x5F37, signature)
        return try key.verify(signature: Self.signature(element, scheme), message: message, scheme: scheme)
    }

    /// The value of DO'5F37', as OpenSSL wants it.
    static func signature(_ element: [UInt8], _ scheme: SignatureScheme) throws -> [UInt8] {
        var cursor = TLVCursor(element.span)
        let value = cursor.copy(try cursor.next(0x5F37).content)
        guard case .ecdsa = scheme else { return value }
        let numbers = [value.prefix(value.count / 2), value.suffix(value.count / 2)].map { half in
            let significant = Array(half.drop { $0 == 0 })
            return TLVEncoder.element(
                .integer, (significant.first ?? 0x80) & 0x80 == 0 ? significant : [0] + significant)
        }
        return TLVEncoder.element(.sequence, numbers)
    }
}
