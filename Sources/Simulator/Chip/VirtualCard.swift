import Document
import Synchronization

/// A chip in software with the ICAO application: answers command APDUs as a card does (Doc 9303-10 and -11).
///
///     let chip = VirtualCard(try Personalisation(.demo).card(signedBy: TestPKI()))
///     chip.answer([0x00, 0xA4, 0x04, 0x0C, 0x07, 0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01])     // 90 00
///
/// It performs basic access control, PACE with every mapping in every standardised group, secure messaging, chip
/// authentication over curves and integers, active authentication and terminal authentication. None of its protocol code
/// is the reader's.
public final class VirtualCard: SimulatedChip {
    /// The answer to reset.
    public let answerToReset: [UInt8]
    private let state: Mutex<ChipState>

    /// - Parameters:
    ///   - card: The card whose chip this is.
    ///   - profile: How the chip behaves where chips differ.
    ///   - randomness: Where nonces and ephemeral keys come from.
    public init(
        _ card: PersonalisedCard, profile: ChipProfile = ChipProfile(),
        randomness: any ChipRandomness = SystemRandomness()
    ) {
        answerToReset = profile.answerToReset
        state = Mutex(ChipState(card, profile: profile, randomness: randomness))
    }

    /// Ends the session and forgets everything but the tries that passwords have left.
    public func reset() { state.withLock { $0.reset() } }

    /// The answer to one command, status word at its end.
    public func answer(_ command: [UInt8]) -> [UInt8]? { state.withLock { $0.answer(command) } }

    /// The answer to one command by a chip that misbehaves in it, and whether it had occasion to.
    func answer(_ command: [UInt8], misbehaving misbehaviour: ChipMisbehaviour) -> (answer: [UInt8], misbehaved: Bool) {
        state.withLock { state in
            state.misbehaviour = misbehaviour
            defer { state.misbehaviour = ChipMisbehaviour() }
            return (state.answer(command), state.misbehaviour.cameToPass)
        }
    }
}
