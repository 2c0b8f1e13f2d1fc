import Document

/// What a chip knows and never shows.
public struct ChipSecrets: Sendable {
    /// Document number, birth date and expiry date with their check digits: the password that the zone gives.
    public var mrzInformation: String
    /// The card access number; nil when the chip does not accept one.
    public var cardAccessNumber: String?
    /// The private keys of chip authentication; without them the card is a clone.
    public var chipAuthenticationKeys: [ChipAuthenticationKey]
    /// The private keys of chip authentication mapping, one for each curve that PACE is offered with so; likewise.
    public var mappingKeys: [ChipAuthenticationKey]
    /// The private key of active authentication, likewise.
    public var activeAuthentication: ActiveAuthenticationKey?

    /// - Parameters:
    ///   - mrzInformation: Document number, birth date and expiry date with their check digits.
    ///   - cardAccessNumber: The card access number; nil when the chip does not accept one.
    ///   - chipAuthenticationKeys: The private keys of chip authentication.
    ///   - mappingKeys: The private keys of chip authentication mapping.
    ///   - activeAuthentication: The private key of active authentication.
    public init(
        mrzInformation: String, cardAccessNumber: String?, chipAuthenticationKeys: [ChipAuthenticationKey] = [],
        mappingKeys: [ChipAuthenticationKey] = [], activeAuthentication: ActiveAuthenticationKey? = nil
    ) {
        self.mrzInformation = mrzInformation
        self.cardAccessNumber = cardAccessNumber
        self.chipAuthenticationKeys = chipAuthenticationKeys
        self.mappingKeys = mappingKeys
        self.activeAuthentication = activeAuthentication
    }
}

/// A card as it leaves personalisation: its files, its secrets, and the protocols its chip speaks.
public struct PersonalisedCard: Sendable {
    /// The holder.
    public var citizen: Citizen
    /// The files, EF.CardAccess among them.
    public var image: CardImage
    /// What the chip knows and never shows.
    public var secrets: ChipSecrets
    /// The ways of PACE that the chip performs, whatever EF.CardAccess says.
    public var pace: [PACEOffer]
    /// Whether the chip accepts basic access control.
    public var acceptsBasicAccessControl: Bool
    /// Which terminals the chip gives DG3 and DG4 to; nil for none.
    public var terminalTrust: TerminalTrust?

    /// - Parameters:
    ///   - citizen: The holder.
    ///   - image: The files.
    ///   - secrets: What the chip knows and never shows.
    ///   - pace: The ways of PACE that the chip performs.
    ///   - acceptsBasicAccessControl: Whether the chip accepts basic access control.
    ///   - terminalTrust: Which terminals the chip gives DG3 and DG4 to; nil for none.
    public init(
        citizen: Citizen, image: CardImage, secrets: ChipSecrets, pace: [PACEOffer], acceptsBasicAccessControl: Bool,
        terminalTrust: TerminalTrust? = nil
    ) {
        self.citizen = citizen
        self.image = image
        self.secrets = secrets
        self.pace = pace
        self.acceptsBasicAccessControl = acceptsBasicAccessControl
        self.terminalTrust = terminalTrust
    }

    /// Alters one byte of a file after it was signed.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - offset: The byte, counted from the first of the file; nil for the last.
    ///   - mask: The bits to flip. The default turns a digit or a letter into its neighbour and leaves text to be text.
    /// - Throws: `unsupported` when the card has no such file or the file no such byte, or when no bit is to flip.
    public mutating func tamper(with file: ElementaryFile, at offset: Int? = nil, mask: UInt8 = 0x01)
        throws(SimulatorError)
    {
        guard var bytes = image[file] else { throw .unsupported(what: "tampering with \(file), which the card lacks") }
        let index = offset ?? bytes.count - 1
        guard bytes.indices.contains(index), mask != 0 else {
            throw .unsupported(what: "tampering with byte \(index) of \(file), which has \(bytes.count)")
        }
        bytes[index] ^= mask
        image[file] = bytes
    }
}
