/// What the shared secret of PACE and chip authentication comes from.
public enum KeyAgreement: Hashable, Sendable {
    /// Diffie-Hellman in a prime field.
    case dh
    /// Diffie-Hellman on an elliptic curve.
    case ecdh
}

/// How PACE maps the nonce to a generator (Doc 9303-11, 4.4.3.3).
public enum PACEMapping: Hashable, Sendable {
    /// Generic mapping, GM.
    case generic
    /// Integrated mapping, IM.
    case integrated
    /// Chip authentication mapping, CAM.
    case chipAuthentication
}

/// The cipher and the authentication code of the session that a protocol opens (Doc 9303-11, 9.8).
public enum SecureMessagingCipher: Hashable, Sendable, CaseIterable {
    /// Two-key triple DES in CBC mode, retail MAC: `3DES-CBC-CBC`.
    case tripleDES
    /// AES in CBC mode, CMAC, 16-byte keys: `AES-CBC-CMAC-128`.
    case aes128
    /// The same with 24-byte keys.
    case aes192
    /// The same with 32-byte keys.
    case aes256
}

/// What a PACE object identifier says.
public struct PACEVariant: Hashable, Sendable {
    /// What the shared secret comes from.
    public let keyAgreement: KeyAgreement
    /// How the nonce is mapped.
    public let mapping: PACEMapping
    /// The cipher of the session.
    public let cipher: SecureMessagingCipher
}

/// The object identifiers of the chip's protocols (Doc 9303-11, 9.2; BSI TR-03110-3, A.1.1).
///
/// `bsi-de protocols smartcard` is 0.4.0.127.0.7.2.2. Under each protocol the next arc names key agreement and mapping,
/// the one after it the cipher.
public enum SecurityProtocol {
    /// `id-PK`: the chip's public key; below it DH and ECDH.
    public static let publicKey = ObjectIdentifier(publicKeyArcs)
    /// `id-TA`: terminal authentication.
    public static let terminalAuthentication = ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 2])
    /// `id-CA`: chip authentication; below it DH and ECDH, below those the cipher.
    public static let chipAuthentication = ObjectIdentifier(chipAuthenticationArcs)
    /// `id-PACE`; below it key agreement and mapping, below those the cipher.
    public static let pace = ObjectIdentifier(paceArcs)
    /// `id-AA`: active authentication.
    public static let activeAuthentication = ObjectIdentifier([2, 23, 136, 1, 1, 5])
    /// `id-EFDIR`: the content of EF.DIR.
    public static let efDIR = ObjectIdentifier([2, 23, 136, 1, 1, 13])

    /// What `identifier` announces; nil when it is none of the protocols.
    static func meaning(of identifier: ObjectIdentifier) -> Meaning? { meanings[identifier] }

    /// The kind of entry that an object identifier announces.
    enum Meaning: Sendable {
        case pace(PACEVariant)
        case paceDomainParameters(KeyAgreement, PACEMapping)
        case chipAuthentication(KeyAgreement, SecureMessagingCipher)
        case chipAuthenticationDomainParameters(KeyAgreement)
        case chipAuthenticationPublicKey(KeyAgreement)
        case terminalAuthentication
        case activeAuthentication
        case efDIR
    }

    private static let publicKeyArcs: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2, 1]
    private static let chipAuthenticationArcs: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2, 3]
    private static let paceArcs: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2, 4]

    private static let keyAgreements: [(arc: UInt64, KeyAgreement)] = [(1, .dh), (2, .ecdh)]

    private static let paceMethods: [(arc: UInt64, KeyAgreement, PACEMapping)] = [
        (1, .dh, .generic), (2, .ecdh, .generic), (3, .dh, .integrated), (4, .ecdh, .integrated),
        (6, .ecdh, .chipAuthentication),
    ]

    private static let ciphers: [(arc: UInt64, SecureMessagingCipher)] = [
        (1, .tripleDES), (2, .aes128), (3, .aes192), (4, .aes256),
    ]

    private static let meanings: [ObjectIdentifier: Meaning] = {
        var meanings: [ObjectIdentifier: Meaning] = [
            terminalAuthentication: .terminalAuthentication,
            activeAuthentication: .activeAuthentication,
            efDIR: .efDIR,
        ]
        for (arc, keyAgreement, mapping) in paceMethods {
            meanings[ObjectIdentifier(paceArcs + [arc])] = .paceDomainParameters(keyAgreement, mapping)
            // There is no chip authentication mapping with triple DES.
            for (cipherArc, cipher) in ciphers where mapping != .chipAuthentication || cipher != .tripleDES {
                let variant = PACEVariant(keyAgreement: keyAgreement, mapping: mapping, cipher: cipher)
                meanings[ObjectIdentifier(paceArcs + [arc, cipherArc])] = .pace(variant)
            }
        }
        for (arc, keyAgreement) in keyAgreements {
            let variants = chipAuthenticationArcs + [arc]
            meanings[ObjectIdentifier(publicKeyArcs + [arc])] = .chipAuthenticationPublicKey(keyAgreement)
            meanings[ObjectIdentifier(variants)] = .chipAuthenticationDomainParameters(keyAgreement)
            for (cipherArc, cipher) in ciphers {
                meanings[ObjectIdentifier(variants + [cipherArc])] = .chipAuthentication(keyAgreement, cipher)
            }
        }
        return meanings
    }()
}
