import Testing

@testable import CardReader

@Suite("What comes and goes between two looks at the readers")
struct ReaderChangeTests {
    private static func state(_ name: String, card: UInt? = nil, inUse: Bool = false) -> ReaderState {
        let present: UInt = card == nil ? 0x10 : 0x20
        return ReaderState(
            PCSCLibrary.ReaderEvent(
                reader: name, state: (card ?? 0) << 16 | present | (inUse ? 0x100 : 0), atr: card == nil ? [] : [0x3B]))
    }

    private static let cardCame = ReaderChange.cardCame(reader: "A", atr: [0x3B])

    @Test("readers and the cards in them come and go, each by itself")
    func comingAndGoing() {
        let (empty, full, other) = (Self.state("A"), Self.state("A", card: 1), Self.state("B", card: 4))
        #expect(ReaderChange.between([], [empty]) == [.readerCame("A")])
        #expect(ReaderChange.between([], [full]) == [.readerCame("A"), Self.cardCame])
        #expect(ReaderChange.between([empty, other], [full, other]) == [Self.cardCame])
        #expect(ReaderChange.between([full, other], [empty, other]) == [.cardWent(reader: "A")])
        #expect(ReaderChange.between([full, other], [other]) == [.cardWent(reader: "A"), .readerWent("A")])
        #expect(ReaderChange.between([other, full], [full, other]).isEmpty)
    }

    @Test("a card exchanged for another in between is told as going and coming, though there was one both times")
    func exchange() {
        let changes = ReaderChange.between([Self.state("A", card: 1)], [Self.state("A", card: 3)])
        #expect(changes == [.cardWent(reader: "A"), Self.cardCame])
    }

    @Test("that a program uses a card is no change of it")
    func use() {
        let changes = ReaderChange.between([Self.state("A", card: 1)], [Self.state("A", card: 1, inUse: true)])
        #expect(changes.isEmpty)
    }
}
