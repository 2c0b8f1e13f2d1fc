/// What a chip did, or did not do, to prove that it is the original and not a copy of its files.
///
/// These are records for a verifier to judge against the signed DG14, DG15 and EF.CardSecurity; none of them is a
/// verdict. They hold ephemeral secrets of a conversation that is over, which open nothing.
public struct ChipProofs: Hashable, Sendable {
    /// Chip authentication (Doc 9303-11, 6.2).
    public var chipAuthentication: ChipProof<ChipAuthenticationTranscript>
    /// Active authentication (Doc 9303-11, 6.1).
    public var activeAuthentication: ChipProof<ActiveAuthenticationTranscript>
    /// PACE with chip authentication mapping (Doc 9303-11, 4.4.3.5).
    public var paceChipAuthenticationMapping: ChipProof<PACEChipAuthenticationMappingTranscript>
    /// How the chip was opened; nil when no chip was: a stored image.
    public var opening: ChipOpening?

    /// Nothing was asked of the chip, unless said otherwise.
    public init(
        chipAuthentication: ChipProof<ChipAuthenticationTranscript> = .notAsked,
        activeAuthentication: ChipProof<ActiveAuthenticationTranscript> = .notAsked,
        paceChipAuthenticationMapping: ChipProof<PACEChipAuthenticationMappingTranscript> = .notAsked,
        opening: ChipOpening? = nil
    ) {
        self.chipAuthentication = chipAuthentication
        self.activeAuthentication = activeAuthentication
        self.paceChipAuthenticationMapping = paceChipAuthenticationMapping
        self.opening = opening
    }
}

/// How a chip was opened (Doc 9303-11, 4.2).
public enum ChipOpening: Hashable, Sendable {
    /// By PACE.
    case pace
    /// By BAC. Where PACE was tried before, the tries are told, each as a clause.
    case basicAccessControl(refused: [String])
    /// The chip gives its data to anybody.
    case unprotected
}

/// What came of asking a chip for one kind of proof.
public enum ChipProof<Transcript: Hashable & Sendable>: Hashable, Sendable {
    /// The reader did not ask: it was not told to, had another proof already, or could not read the file that holds the
    /// key.
    case notAsked
    /// The file that would hold the key was read and holds none, or EF.COM does not list it.
    case notOffered
    /// The chip offers it in a form that the reader does not support; the text says what.
    case notSupported(String)
    /// The chip refused the command named with this status word (SW1-SW2).
    case refused(status: UInt16, command: String)
    /// The chip answered; whether it proved anything is to be judged.
    case answered(Transcript)
}

/// A run of chip authentication: what is needed to compute the session keys again and to see that the chip had them.
///
/// The chip is the original if the checksum (DO'8E') of `response` is right under the session keys from
/// `terminalPrivateKey` and `chipPublicKey` with the send sequence counter 2, and that of `command` with 1 (Doc
/// 9303-11, 6.2.1, 9.7.4 and 9.8).
public struct ChipAuthenticationTranscript: Hashable, Sendable {
    /// The variant that was run (Doc 9303-11, 9.2.7), which names key agreement and cipher.
    public let protocolOID: ObjectIdentifier
    /// The number of the chip's key, where DG14 numbers it.
    public let keyID: Int?
    /// The chip's public key as it stands in DG14: SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).
    public let chipPublicKey: [UInt8]
    /// The reader's ephemeral private key: a scalar of the curve, big-endian.
    public let terminalPrivateKey: [UInt8]
    /// The first command APDU under the new session keys, as it was sent.
    public let command: [UInt8]
    /// The answer to it as it came, with SW1-SW2.
    public let response: [UInt8]

    /// - Parameters:
    ///   - protocolOID: The variant that was run.
    ///   - keyID: The number of the chip's key, where DG14 numbers it.
    ///   - chipPublicKey: SubjectPublicKeyInfo from DG14.
    ///   - terminalPrivateKey: The reader's ephemeral private key, big-endian.
    ///   - command: The first command APDU under the new session keys.
    ///   - response: The answer to it, with SW1-SW2.
    public init(
        protocolOID: ObjectIdentifier, keyID: Int?, chipPublicKey: [UInt8], terminalPrivateKey: [UInt8],
        command: [UInt8], response: [UInt8]
    ) {
        self.protocolOID = protocolOID
        self.keyID = keyID
        self.chipPublicKey = chipPublicKey
        self.terminalPrivateKey = terminalPrivateKey
        self.command = command
        self.response = response
    }
}

/// A run of active authentication.
///
/// The chip is the original if `signature` is that of DG15's key over `challenge` (Doc 9303-11, 6.1.2).
public struct ActiveAuthenticationTranscript: Hashable, Sendable {
    /// RND.IFD: eight bytes that the reader drew for this run.
    public let challenge: [UInt8]
    /// What the chip answered: an ISO/IEC 9796-2 signature with message recovery for RSA, plain r ‖ s for ECDSA.
    public let signature: [UInt8]

    /// - Parameters:
    ///   - challenge: RND.IFD, eight bytes.
    ///   - signature: What the chip answered.
    public init(challenge: [UInt8], signature: [UInt8]) {
        self.challenge = challenge
        self.signature = signature
    }
}

/// The opening of a chip by PACE with chip authentication mapping.
///
/// The chip is the original if `chipMappingPublicKey` is `chipAuthenticationData` times a public key that stands in the
/// signed DG14 or in EF.CardSecurity, on the curve of `parameterID` (Doc 9303-11, 4.4.3.5.2). That both came in the
/// conversation in which the files were read, under its keys, is the reader's word.
public struct PACEChipAuthenticationMappingTranscript: Hashable, Sendable {
    /// The variant that was run (Doc 9303-11, 9.2.4).
    public let protocolOID: ObjectIdentifier
    /// The standardised domain parameters (Doc 9303-11, 9.5.1), 8 to 18.
    public let parameterID: Int
    /// PK_Map,IC: the chip's ephemeral public key of the mapping, 04 ‖ x ‖ y.
    public let chipMappingPublicKey: [UInt8]
    /// CA_IC as it was decrypted, big-endian; empty when the chip sent none, or none that can be decrypted.
    public let chipAuthenticationData: [UInt8]

    /// - Parameters:
    ///   - protocolOID: The variant that was run.
    ///   - parameterID: The standardised domain parameters.
    ///   - chipMappingPublicKey: PK_Map,IC, 04 ‖ x ‖ y.
    ///   - chipAuthenticationData: CA_IC, big-endian; empty when the chip sent none.
    public init(
        protocolOID: ObjectIdentifier, parameterID: Int, chipMappingPublicKey: [UInt8], chipAuthenticationData: [UInt8]
    ) {
        self.protocolOID = protocolOID
        self.parameterID = parameterID
        self.chipMappingPublicKey = chipMappingPublicKey
        self.chipAuthenticationData = chipAuthenticationData
    }
}
