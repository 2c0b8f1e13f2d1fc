import Crypto
import Document

/// Everything a certificate states (RFC 5280, 4.1), each part free to be set, right or wrong.
public struct CertificateTemplate: Equatable, Sendable {
    /// The version number as encoded: 2 means version 3.
    public var version: UInt64 = 2
    /// The serial number's magnitude, big-endian.
    public var serialNumber: [UInt8]
    /// The issuer's name.
    public var issuer: CertificateName
    /// The first second of validity.
    public var notBefore: Timestamp
    /// The last second of validity.
    public var notAfter: Timestamp
    /// The subject's name.
    public var subject: CertificateName
    /// The subject's `SubjectPublicKeyInfo` in DER.
    public var subjectPublicKeyInfo: [UInt8]
    /// The extensions in the order in which the certificate has them.
    public var extensions: [CertificateExtension]

    /// - Parameters:
    ///   - serialNumber: The serial number's magnitude, big-endian.
    ///   - issuer: The issuer's name.
    ///   - subject: The subject's name.
    ///   - notBefore: The first second of validity.
    ///   - notAfter: The last second of validity.
    ///   - subjectPublicKeyInfo: The subject's `SubjectPublicKeyInfo` in DER.
    ///   - extensions: The extensions in order.
    public init(
        serialNumber: [UInt8], issuer: CertificateName, subject: CertificateName, notBefore: Timestamp,
        notAfter: Timestamp, subjectPublicKeyInfo: [UInt8], extensions: [CertificateExtension] = []
    ) {
        self.serialNumber = serialNumber
        self.issuer = issuer
        self.subject = subject
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.subjectPublicKeyInfo = subjectPublicKeyInfo
        self.extensions = extensions
    }

    /// The extension of that identifier; setting replaces it where it stands, adds it at the end, or with nil removes it.
    public subscript(identifier: ObjectIdentifier) -> CertificateExtension? {
        get { extensions.first { $0.identifier == identifier } }
        set {
            let index = extensions.firstIndex { $0.identifier == identifier }
            switch (index, newValue) {
            case (let index?, let value?): extensions[index] = value
            case (let index?, nil): extensions.remove(at: index)
            case (nil, let value?): extensions.append(value)
            case (nil, nil): break
            }
        }
    }

    /// The certificate in DER, signed by `issuerKey`.
    ///
    /// - Throws: `crypto` when the key cannot sign by its scheme.
    public func signed(by issuerKey: SigningKey) throws(SimulatorError) -> [UInt8] {
        let algorithm = issuerKey.scheme.algorithmIdentifier
        let body = toBeSigned(algorithm: algorithm)
        return DER.sequence([body, algorithm, DER.bitString(try issuerKey.sign(body))])
    }

    /// The key identifier of RFC 5280, 4.2.1.2, method 1: the SHA-1 hash of the public key's bits.
    ///
    /// - Throws: `document` when `subjectPublicKeyInfo` is none.
    public static func keyIdentifier(_ subjectPublicKeyInfo: [UInt8]) throws(SimulatorError) -> [UInt8] {
        let key = try SigningKey.subjectPublicKey(subjectPublicKeyInfo)
        return try mapping { () throws(CryptoError) in try Digest.hash(key, with: .sha1) }
    }

    private func toBeSigned(algorithm: [UInt8]) -> [UInt8] {
        var fields: [[UInt8]] = []
        if version != 0 { fields.append(DER.tagged(0, DER.integer(version))) }
        fields += [
            DER.integer(unsigned: serialNumber),
            algorithm,
            issuer.encoded,
            DER.sequence([DER.time(notBefore), DER.time(notAfter)]),
            subject.encoded,
            subjectPublicKeyInfo,
        ]
        if !extensions.isEmpty { fields.append(DER.tagged(3, DER.sequence(extensions.map(\.encoded)))) }
        return DER.sequence(fields)
    }
}
