/// Something that came or went.
public enum ReaderChange: Hashable, Sendable {
    /// pcscd answers. What was there before is told after it, as coming.
    case serviceCame
    /// pcscd ended. What was there was told before it, as going.
    case serviceWent
    /// A reader was plugged in.
    case readerCame(String)
    /// A reader was unplugged.
    case readerWent(String)
    /// A card was laid on; its answer to reset is empty when it does not answer.
    case cardCame(reader: String, atr: [UInt8])
    /// A card was taken away.
    case cardWent(reader: String)

    /// What came and went between two states of all readers. A card that was exchanged for another between them is told
    /// as going and coming.
    static func between(_ old: [ReaderState], _ new: [ReaderState]) -> [ReaderChange] {
        var changes: [ReaderChange] = []
        for before in old where !new.contains(where: { $0.name == before.name }) {
            if before.isCardPresent { changes.append(.cardWent(reader: before.name)) }
            changes.append(.readerWent(before.name))
        }
        for now in new {
            let before = old.first { $0.name == now.name }
            if before == nil { changes.append(.readerCame(now.name)) }
            let wasPresent = before?.isCardPresent ?? false
            let isSame = wasPresent && now.isCardPresent && before?.cardCount == now.cardCount
            if wasPresent && !isSame { changes.append(.cardWent(reader: now.name)) }
            if now.isCardPresent && !isSame { changes.append(.cardCame(reader: now.name, atr: now.atr)) }
        }
        return changes
    }
}
