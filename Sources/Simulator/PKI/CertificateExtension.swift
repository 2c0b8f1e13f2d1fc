import Document

/// An extension of a certificate (RFC 5280, 4.2), with those that Doc 9303-12, 7.1 asks for.
public struct CertificateExtension: Equatable, Sendable {
    /// The extension's identifier.
    public var identifier: ObjectIdentifier
    /// Whether one who does not know the extension must refuse the certificate.
    public var isCritical: Bool
    /// The extension's value in DER, without the OCTET STRING around it.
    public var value: [UInt8]

    /// - Parameters:
    ///   - identifier: The extension's identifier.
    ///   - isCritical: Whether one who does not know the extension must refuse the certificate.
    ///   - value: The extension's value in DER, without the OCTET STRING around it.
    public init(_ identifier: ObjectIdentifier, isCritical: Bool = false, value: [UInt8]) {
        self.identifier = identifier
        self.isCritical = isCritical
        self.value = value
    }

    /// `Extension` in DER; `critical` left out when it is FALSE, its default.
    var encoded: [UInt8] {
        DER.sequence(
            [identifier.encoded] + (isCritical ? [DER.boolean(true)] : []) + [DER.octetString(value)])
    }

    /// The identifiers of the extensions below.
    public enum Identifier {
        /// id-ce-subjectKeyIdentifier.
        public static let subjectKeyIdentifier = ObjectIdentifier([2, 5, 29, 14])
        /// id-ce-keyUsage.
        public static let keyUsage = ObjectIdentifier([2, 5, 29, 15])
        /// id-ce-privateKeyUsagePeriod.
        public static let privateKeyUsagePeriod = ObjectIdentifier([2, 5, 29, 16])
        /// id-ce-subjectAltName.
        public static let subjectAlternativeName = ObjectIdentifier([2, 5, 29, 17])
        /// id-ce-issuerAltName.
        public static let issuerAlternativeName = ObjectIdentifier([2, 5, 29, 18])
        /// id-ce-basicConstraints.
        public static let basicConstraints = ObjectIdentifier([2, 5, 29, 19])
        /// id-ce-cRLDistributionPoints.
        public static let crlDistributionPoints = ObjectIdentifier([2, 5, 29, 31])
        /// id-ce-authorityKeyIdentifier.
        public static let authorityKeyIdentifier = ObjectIdentifier([2, 5, 29, 35])
        /// id-ce-extKeyUsage.
        public static let extendedKeyUsage = ObjectIdentifier([2, 5, 29, 37])
        /// id-icao-mrtd-security-extensions-documentTypeList.
        public static let documentTypeList = ObjectIdentifier([2, 23, 136, 1, 1, 6, 2])
    }

    /// The bits of `KeyUsage`, numbered as RFC 5280, 4.2.1.3 does.
    public enum KeyUsage: Int, CaseIterable, Sendable {
        case digitalSignature = 0
        case nonRepudiation, keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, crlSign
    }

    /// What the key may be used for; critical.
    public static func keyUsage(_ usages: Set<KeyUsage>) -> CertificateExtension {
        let bits = usages.reduce(UInt8(0)) { $0 | 0x80 >> UInt8($1.rawValue) }
        return CertificateExtension(
            Identifier.keyUsage, isCritical: true,
            value: DER.bitString(bits == 0 ? [] : [bits], unusedBits: bits == 0 ? 0 : UInt8(bits.trailingZeroBitCount)))
    }

    /// Whether the subject is a certification authority, and how many may stand below it; critical.
    public static func basicConstraints(isAuthority: Bool, pathLength: UInt64?) -> CertificateExtension {
        CertificateExtension(
            Identifier.basicConstraints, isCritical: true,
            value: DER.sequence(
                (isAuthority ? [DER.boolean(true)] : []) + (pathLength.map { [DER.integer($0)] } ?? [])))
    }

    /// The identifier of the subject's key.
    public static func subjectKeyIdentifier(_ identifier: [UInt8]) -> CertificateExtension {
        CertificateExtension(Identifier.subjectKeyIdentifier, value: DER.octetString(identifier))
    }

    /// The identifier of the issuer's key.
    public static func authorityKeyIdentifier(_ identifier: [UInt8]) -> CertificateExtension {
        CertificateExtension(
            Identifier.authorityKeyIdentifier, value: DER.sequence([DER.taggedPrimitive(0, identifier)]))
    }

    /// When the private key is used for signing (RFC 3280, 4.2.1.4).
    public static func privateKeyUsagePeriod(from start: Timestamp, to end: Timestamp) -> CertificateExtension {
        CertificateExtension(
            Identifier.privateKeyUsagePeriod,
            value: DER.sequence([
                DER.taggedPrimitive(0, Array(start.generalizedTime.utf8)),
                DER.taggedPrimitive(1, Array(end.generalizedTime.utf8)),
            ]))
    }

    /// The document types that the signer signs, as the machine readable zone writes them: `ID`, `P`.
    public static func documentTypeList(_ types: [String]) -> CertificateExtension {
        CertificateExtension(
            Identifier.documentTypeList,
            value: DER.sequence([DER.integer(0), DER.setOf(types.map(DER.printableString))]))
    }

    /// The contact of the subject (or of the issuer), with the State's three-letter code as a directory name.
    public static func alternativeName(_ identifier: ObjectIdentifier, state: String, mail: String)
        -> CertificateExtension
    {
        let name = CertificateName(attributes: [
            CertificateName.Attribute(CertificateName.localityName, state, isPrintable: true)
        ])
        return CertificateExtension(
            identifier,
            value: DER.sequence([DER.taggedPrimitive(1, Array(mail.utf8)), DER.tagged(4, name.encoded)]))
    }

    /// Where the issuer's revocation list is published.
    public static func crlDistributionPoint(_ address: String) -> CertificateExtension {
        let fullName = DER.tagged(0, DER.taggedPrimitive(6, Array(address.utf8)))
        return CertificateExtension(
            Identifier.crlDistributionPoints, value: DER.sequence([DER.sequence([DER.tagged(0, fullName)])]))
    }

    /// The purposes of an extended key usage, such as those of a master list signer.
    public static func extendedKeyUsage(_ purposes: [ObjectIdentifier]) -> CertificateExtension {
        CertificateExtension(
            Identifier.extendedKeyUsage, isCritical: true, value: DER.sequence(purposes.map(\.encoded)))
    }
}
