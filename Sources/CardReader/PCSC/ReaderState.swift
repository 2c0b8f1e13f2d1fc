/// One reader as PC/SC sees it at one moment.
public struct ReaderState: Hashable, Sendable {
    /// The reader's name, which PC/SC makes of the model and a number: `ACS ACR1252 1S CL Reader 00 00`.
    public let name: String
    /// The answer to reset of the card that is there; empty without one.
    public let atr: [UInt8]
    /// PC/SC's event state: bits, and a counter of cards that came and went in the upper half.
    let eventState: UInt

    /// Whether a card is in the reader, answering or not.
    public var isCardPresent: Bool { eventState & PCSCLibrary.State.present != 0 }
    /// Whether the card that is there does not answer.
    public var isCardMute: Bool { eventState & PCSCLibrary.State.mute != 0 }
    /// Whether a program is connected to the card.
    public var isInUse: Bool { eventState & (PCSCLibrary.State.inUse | PCSCLibrary.State.exclusive) != 0 }

    /// How many cards came and went since the reader is there, modulo 65 536.
    var cardCount: UInt { eventState >> 16 & 0xFFFF }

    init(_ event: PCSCLibrary.ReaderEvent) {
        name = event.reader
        atr = event.atr
        eventState = event.state & ~PCSCLibrary.State.changed
    }
}
