import CardReader
import Crypto
import Document
import Simulator
import Testing
import Verifier

/// Reads of a card that something befalls, and what must become of them.
struct FaultyReads {
    let card: PersonalisedCard
    let request: ReadRequest
    let allowsExtendedLength: Bool
    /// The card that comes in its place, of the same holder and opened by the same key.
    let other: PersonalisedCard
    /// What an undisturbed read gives.
    let clean: ChipRead

    /// - Parameters:
    ///   - hasPACE: Whether the card opens by PACE, or else by BAC.
    ///   - allowsExtendedLength: Whether the reader does.
    ///   - change: Makes another card.
    init(hasPACE: Bool, allowsExtendedLength: Bool = true, change: (inout Personalisation) throws -> Void = { _ in })
        throws
    {
        var personalisation = Personalisation(.demo)
        personalisation.dataGroups = [1, 13, 14, 15]
        personalisation.activeAuthentication = try Self.activeKey.get()
        // P-256, because OpenSSL is fastest on it.
        personalisation.pace = hasPACE ? [PACEOffer(parameterID: 12)] : []
        personalisation.chipAuthenticationKeys = [try ChipAuthenticationKey(newOn: .secp256r1)]
        try change(&personalisation)
        card = try personalisation.card(signedBy: TestState.shared.state)
        other = try personalisation.card(signedBy: TestState.shared.stranger)
        request = ReadRequest(key: .qr(try QRText(Citizen.demo.qrText)), timeLimit: .seconds(20))
        self.allowsExtendedLength = allowsExtendedLength
        clean = try Self.read(VirtualCard(card), request, allowsExtendedLength: allowsExtendedLength).get()
    }

    private static let activeKey = Result {
        try ActiveAuthenticationKey(new: .ec(.secp256r1), digest: .sha256)
    }

    static func read(
        _ chip: any SimulatedChip, _ request: ReadRequest, allowsExtendedLength: Bool = true
    ) -> Result<ChipRead, CardReaderError> {
        let channel = VirtualChannel(chip, allowsExtendedLength: allowsExtendedLength)
        return Result { () throws(CardReaderError) in try ChipReader(channel: channel).read(request) }
    }

    func chip(_ faults: String...) throws -> FaultyChip {
        try FaultyChip(card, faults: faults.map { try Fault($0) }, other: other, pause: { _ in })
    }

    func read(_ chip: any SimulatedChip) -> Result<ChipRead, CardReaderError> {
        Self.read(chip, request, allowsExtendedLength: allowsExtendedLength)
    }

    func verdict(_ read: ChipRead) throws -> Verdict {
        var trust = TrustStore()
        try trust.add(Certificate(der: TestState.shared.anchor))
        return CardVerifier(trust: trust).verify(Evidence(image: read.image, proofs: read.proofs))
    }

    /// Whether every file that was read is the card's, or every one the other card's: never a byte that neither has.
    func isUnmixed(_ read: ChipRead) -> Bool {
        [card.image, other.image].contains { image in
            read.image.files.allSatisfy { $0.key == .cardAccess || image[$0.key] == $0.value }
        }
    }

    /// Whether all the files that are protected were read.
    func isWhole(_ read: ChipRead) -> Bool {
        clean.image.files.allSatisfy { $0.key == .cardAccess || read.image[$0.key] == $0.value }
    }
}

/// By which errors a read may end that a fault befell.
struct FaultNames {
    /// The fault's name.
    let name: String

    /// Whether the error tells of that fault, as far as the reader can know.
    func isTold(by error: CardReaderError) -> Bool {
        switch (name, error) {
        case ("torn", .cardRemoved), ("mute", .cardMute), ("endless-61xx", .invalidAnswer): true
        case ("truncated", .protocolViolation), ("truncated", .secureMessaging(.malformed)): true
        // In the clear nothing tells that EF.CardAccess is gone; then BAC is tried.
        case ("replayed", .protocolViolation), ("late", .protocolViolation), ("empty", .protocolViolation): true
        case ("replayed", .secureMessaging(.checksumWrong)), ("replayed", .secureMessaging(.unprotectedData)): true
        case ("late", .secureMessaging(.checksumWrong)), ("late", .secureMessaging(.unprotectedData)): true
        case ("swapped", .differentCard), ("swapped", .secureMessaging(.ended)): true
        // The other card does not know of the steps before.
        case ("swapped", .wrongKey), ("swapped", .keyNotUsable), ("swapped", .unexpectedStatus): true
        case ("endless-6cxx", .applicationNotFound), ("endless-6cxx", .secureMessaging(.ended)): true
        case ("endless-6cxx", .wrongKey), ("endless-6cxx", .unexpectedStatus): true
        case ("wrong-mac", .secureMessaging(.checksumWrong)): true
        case ("mac-over-other-data", .secureMessaging(.checksumWrong)): true
        case ("skipped-counter", .secureMessaging(.checksumWrong)): true
        case ("repeated-counter", .secureMessaging(.checksumWrong)): true
        case ("mac-missing", .secureMessaging(.checksumMissing)): true
        case ("status-differs", .secureMessaging(.statusDiffers)): true
        case ("status-missing", .secureMessaging(.statusMissing)): true
        case ("wrong-padding-indicator", .secureMessaging(.paddingIndicatorWrong)): true
        case ("wrong-padding", .secureMessaging(.paddingWrong)): true
        case ("reordered", .secureMessaging(.checksumMissing)): true
        // Data in the clear may begin with a byte that is the tag of a protecting object, and is then a malformed one.
        case ("unprotected", .secureMessaging): true
        case ("endless-length", .secureMessaging(.malformed)): true
        default: false
        }
    }
}
