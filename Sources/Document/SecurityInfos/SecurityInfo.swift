/// One entry of SecurityInfos: a protocol that the chip supports, or a key for one (Doc 9303-11, 9.2; BSI TR-03110-3, A.1.1).
public enum SecurityInfo: Hashable, Sendable {
    /// PACE with standardised domain parameters.
    case pace(PACEInfo)
    /// Domain parameters for PACE that are not standardised.
    case paceDomainParameters(PACEDomainParameterInfo)
    /// Chip authentication.
    case chipAuthentication(ChipAuthenticationInfo)
    /// Domain parameters for chip authentication version 2 (BSI TR-03110-3, A.1.1.2).
    case chipAuthenticationDomainParameters(ChipAuthenticationDomainParameterInfo)
    /// The chip's static public key.
    case chipAuthenticationPublicKey(ChipAuthenticationPublicKeyInfo)
    /// Terminal authentication (Doc 9303-11, 9.2.8); the version, 1, or 2 by BSI TR-03110.
    case terminalAuthentication(version: Int)
    /// Active authentication.
    case activeAuthentication(ActiveAuthenticationInfo)
    /// The content of EF.DIR (Doc 9303-11, 9.2.10).
    case efDIR([UInt8])
    /// An entry that this parser does not know: its object identifier, and all of it encoded.
    case unknown(protocol: ObjectIdentifier, encoded: [UInt8])
}

/// A supported PACE variant (Doc 9303-11, 9.2.1).
public struct PACEInfo: Hashable, Sendable {
    /// The object identifier, which names all of the variant.
    public let protocolOID: ObjectIdentifier
    /// What `protocolOID` says.
    public let variant: PACEVariant
    /// The version of the protocol, 2.
    public let version: Int
    /// The standardised domain parameters (Doc 9303-11, 9.5.1), or the entry of `PACEDomainParameterInfo` that is meant;
    /// nil when the chip has one set only and does not number it.
    public let parameterID: Int?
}

/// Explicit domain parameters for PACE (Doc 9303-11, 9.2.2).
public struct PACEDomainParameterInfo: Hashable, Sendable {
    /// The object identifier, which names key agreement and mapping.
    public let protocolOID: ObjectIdentifier
    /// What `protocolOID` says.
    public let keyAgreement: KeyAgreement
    /// What `protocolOID` says.
    public let mapping: PACEMapping
    /// The AlgorithmIdentifier that holds the parameters, encoded.
    public let domainParameter: [UInt8]
    /// The number that `PACEInfo.parameterID` refers to.
    public let parameterID: Int?
}

/// A supported variant of chip authentication (Doc 9303-11, 9.2.5).
public struct ChipAuthenticationInfo: Hashable, Sendable {
    /// The object identifier, which names all of the variant.
    public let protocolOID: ObjectIdentifier
    /// What `protocolOID` says.
    public let keyAgreement: KeyAgreement
    /// What `protocolOID` says.
    public let cipher: SecureMessagingCipher
    /// The version of the protocol: 1, or 2 or 3 by BSI TR-03110.
    public let version: Int
    /// The key that is to be used, when there are several.
    public let keyID: Int?
}

/// Explicit domain parameters for chip authentication version 2 (BSI TR-03110-3, A.1.1.2).
public struct ChipAuthenticationDomainParameterInfo: Hashable, Sendable {
    /// The object identifier, which names the key agreement.
    public let protocolOID: ObjectIdentifier
    /// What `protocolOID` says.
    public let keyAgreement: KeyAgreement
    /// The AlgorithmIdentifier that holds the parameters, encoded.
    public let domainParameter: [UInt8]
    /// The key that the parameters belong to, when there are several.
    public let keyID: Int?
}

/// The chip's static public key for chip authentication, or for PACE with chip authentication mapping
/// (Doc 9303-11, 9.2.6).
public struct ChipAuthenticationPublicKeyInfo: Hashable, Sendable {
    /// The object identifier, which names the key agreement.
    public let protocolOID: ObjectIdentifier
    /// What `protocolOID` says.
    public let keyAgreement: KeyAgreement
    /// The SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), encoded.
    public let subjectPublicKeyInfo: [UInt8]
    /// The number of the key, when there are several.
    public let keyID: Int?
}

/// How the chip signs in active authentication with an EC key (Doc 9303-11, 9.2.4).
public struct ActiveAuthenticationInfo: Hashable, Sendable {
    /// The version of the protocol, 1.
    public let version: Int
    /// The plain ECDSA variant (BSI TR-03111, 5.2.1.1), which names the digest.
    public let signatureAlgorithm: ObjectIdentifier
}
