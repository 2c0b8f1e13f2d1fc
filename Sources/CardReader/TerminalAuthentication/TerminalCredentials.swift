import Crypto
import Document
import FoundationEssentials

/// What a terminal shows a chip to be given fingerprints: a chain of card verifiable certificates and the private key to
/// the last of them (Doc 9303-11, 7.1).
public struct TerminalCredentials: Sendable {
    /// The certificates as they were given: link certificates, document verifier, terminal, in any order.
    public let certificates: [CardVerifiableCertificate]
    /// The terminal's own certificate, which the private key belongs to.
    public let terminal: CardVerifiableCertificate
    private let privateKey: PrivateKey
    private let scheme: SignatureScheme
    /// How long r and s are, for ECDSA.
    private let scalarByteCount: Int

    /// - Parameters:
    ///   - certificates: DO'7F21' one after the other, in any order.
    ///   - privateKey: PKCS #8 (RFC 5208), unencrypted, in DER.
    /// - Throws: `terminalCredentials` when either cannot be read or the key belongs to none of the certificates.
    public init(certificates: [UInt8], privateKey: [UInt8]) throws(CardReaderError) {
        do throws(DocumentError) {
            self.certificates = try CardVerifiableCertificate.chain(certificates)
        } catch {
            throw .terminalCredentials("the certificates cannot be read: \(error)")
        }
        do throws(CryptoError) {
            self.privateKey = try PrivateKey(pkcs8: privateKey)
            let key = try PublicKey(subjectPublicKeyInfo: self.privateKey.subjectPublicKeyInfo)
            let value = try key.ecPoint()?.encoded ?? key.rsaModulus ?? []
            guard let terminal = self.certificates.last(where: { $0.publicKey == value }) else {
                throw .invalidKey("it belongs to none of the certificates")
            }
            guard let scheme = Self.schemes[terminal.algorithm] else {
                throw .unsupported("the algorithm \(terminal.algorithm)")
            }
            if case .ec(let curve) = key.kind {
                scalarByteCount = try ECGroup(curve).orderByteCount
            } else {
                scalarByteCount = 0
            }
            (self.terminal, self.scheme) = (terminal, scheme)
        } catch {
            throw .terminalCredentials("the private key cannot be used: \(error)")
        }
    }

    /// - Parameters:
    ///   - certificateFiles: Each holds one certificate or several.
    ///   - privateKeyFile: PKCS #8, unencrypted, in DER or PEM.
    /// - Throws: `terminalCredentials`.
    public init(certificateFiles: [String], privateKeyFile: String) throws(CardReaderError) {
        var certificates: [UInt8] = []
        for file in certificateFiles { certificates += try Self.contents(of: file) }
        var key = try Self.contents(of: privateKeyFile)
        defer { wipe(&key) }
        try self.init(certificates: certificates, privateKey: Self.withoutArmour(key))
    }

    /// The certificates that lead from one that the chip trusts to the terminal's, in the order in which they are shown.
    ///
    /// - Parameter authorities: The references of the keys that the chip trusts; empty when it does not tell.
    /// - Returns: Nil when there is no such chain.
    func chain(from authorities: [[UInt8]]) -> [CardVerifiableCertificate]? {
        var chain = [terminal]
        while let first = chain.first, !authorities.contains(first.authorityReference) {
            let issuer = certificates.first {
                $0.holderReference == first.authorityReference && $0.authorityReference != $0.holderReference
                    && !chain.contains($0)
            }
            guard let issuer else { return authorities.isEmpty ? chain : nil }
            chain.insert(issuer, at: 0)
        }
        return chain
    }

    /// The terminal's signature as it is sent: r ‖ s for ECDSA (BSI TR-03111, 5.2.1).
    func sign(_ message: [UInt8]) throws(CardReaderError) -> [UInt8] {
        let signature = try cryptography { () throws(CryptoError) in try privateKey.sign(message, scheme: scheme) }
        guard case .ecdsa = scheme else { return signature }
        do throws(DocumentError) {
            var cursor = TLVCursor(signature.span)
            var numbers = cursor.inside(try cursor.next(.sequence))
            let r = numbers.copy(try numbers.next(.integer).content)
            let s = numbers.copy(try numbers.next(.integer).content)
            return padded(r) + padded(s)
        } catch {
            throw .terminalCredentials("the signature is malformed: \(error)")
        }
    }

    private func padded(_ number: [UInt8]) -> [UInt8] {
        let significant = Array(number.drop { $0 == 0 })
        return [UInt8](repeating: 0, count: max(0, scalarByteCount - significant.count)) + significant
    }

    /// Below `id-TA` (BSI TR-03110-3, A.1.1.3); Doc 9303-11, 7.1.4 keeps PSS and the longer hashes.
    private static let schemes: [ObjectIdentifier: SignatureScheme] = {
        let base: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2, 2]
        func pss(_ digest: DigestAlgorithm) -> SignatureScheme {
            .rsaPSS(digest: digest, mgf1: digest, saltLength: digest.byteCount)
        }
        let rsa: [SignatureScheme] = [
            .rsaPKCS1(.sha1), .rsaPKCS1(.sha256), pss(.sha1), pss(.sha256), .rsaPKCS1(.sha512), pss(.sha512),
        ]
        let ecdsa = DigestAlgorithm.allCases.map(SignatureScheme.ecdsa)
        var schemes: [ObjectIdentifier: SignatureScheme] = [:]
        for (number, scheme) in rsa.enumerated() { schemes[ObjectIdentifier(base + [1, UInt64(number) + 1])] = scheme }
        for (number, scheme) in ecdsa.enumerated() {
            schemes[ObjectIdentifier(base + [2, UInt64(number) + 1])] = scheme
        }
        return schemes
    }()

    private static let fileByteLimit = 1 << 20

    private static func contents(of file: String) throws(CardReaderError) -> [UInt8] {
        guard let data = try? Data(contentsOf: URL(filePath: file)), data.count <= fileByteLimit else {
            throw .terminalCredentials("the file \(file) cannot be read")
        }
        return [UInt8](data)
    }

    /// The DER in a PEM file (RFC 7468); other bytes as they are.
    private static func withoutArmour(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.starts(with: Array("-----BEGIN ".utf8)) else { return bytes }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let body = lines.filter { !$0.hasPrefix("-----") }.joined()
        return Data(base64Encoded: body).map { [UInt8]($0) } ?? []
    }
}
