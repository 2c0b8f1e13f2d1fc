import Document

/// A private key and the certificate over its public half.
public struct CertifiedKey: Sendable {
    /// The key with its scheme.
    public var key: SigningKey
    /// The certificate in DER.
    public var certificate: [UInt8]

    /// - Parameters:
    ///   - key: The key with its scheme.
    ///   - certificate: The certificate in DER.
    public init(key: SigningKey, certificate: [UInt8]) {
        self.key = key
        self.certificate = certificate
    }

    /// What others need to refer to the certificate.
    ///
    /// - Throws: `document` when the certificate is not one of this Simulator's making.
    var reference: CertificateReference {
        get throws(SimulatorError) {
            do throws(DocumentError) { return try CertificateReference(certificate) } catch { throw .document(error) }
        }
    }
}

/// The fields of a certificate by which signatures and other certificates refer to it, as it encodes them.
struct CertificateReference {
    /// The serial number: a whole INTEGER element.
    let serialNumber: [UInt8]
    /// The issuer's name.
    let issuer: CertificateName
    /// The subject's name.
    let subject: CertificateName
    /// The value of subjectKeyIdentifier; nil when the certificate has none.
    let subjectKeyIdentifier: [UInt8]?

    init(_ certificate: [UInt8]) throws(DocumentError) {
        var outer = TLVCursor(certificate.span, rules: .der)
        var signed = outer.inside(try outer.next(.sequence))
        var body = signed.inside(try signed.next(.sequence))
        _ = try body.nextIfPresent(0xA0)
        serialNumber = body.copy(try body.next(.integer).range)
        _ = try body.next(.sequence)
        issuer = CertificateName(encoded: body.copy(try body.next(.sequence).range))
        _ = try body.next(.sequence)
        subject = CertificateName(encoded: body.copy(try body.next(.sequence).range))
        _ = try body.next(.sequence)
        var identifier: [UInt8]?
        if let wrapper = try body.nextIfPresent(0xA3) {
            var inner = body.inside(wrapper)
            var extensions = inner.inside(try inner.next(.sequence))
            while !extensions.isAtEnd {
                var fields = extensions.inside(try extensions.next(.sequence))
                let type = try ObjectIdentifier(content: fields.copy(try fields.next(.objectIdentifier).content))
                _ = try fields.nextIfPresent(.boolean)
                let value = try fields.next(.octetString)
                guard type == CertificateExtension.Identifier.subjectKeyIdentifier else { continue }
                var content = fields.inside(value)
                identifier = content.copy(try content.next(.octetString).content)
            }
        }
        subjectKeyIdentifier = identifier
    }
}
