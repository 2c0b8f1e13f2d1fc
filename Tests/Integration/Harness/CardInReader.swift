import CardReader
import Foundation
import Simulator
import Synchronization
import Testing

/// A simulated card in the virtual reader: laid on by `init`, taken away by `takeOut`, or when the value is let go.
final class CardInReader {
    private let connection: VirtualReaderConnection
    private let chip: LeavingChip
    private let name: String

    /// pcscd asks the driver for a card every 0.4 s. A card that comes back between two questions was never away for it.
    private static let settlingSeconds = 1.0

    /// Lays the card on and waits until PC/SC sees it.
    ///
    /// - Parameter leavingAtCommand: The card is taken away when the command of this number comes, counted from zero,
    ///   and does not answer it.
    convenience init(_ card: PersonalisedCard, in reader: VirtualReader, leavingAtCommand: Int? = nil) throws {
        try self.init(chip: VirtualCard(card), in: reader, leavingAtCommand: leavingAtCommand)
    }

    /// Lays a chip on and waits until PC/SC sees it.
    init(chip: any SimulatedChip, in reader: VirtualReader, leavingAtCommand: Int? = nil) throws {
        name = try reader.name()
        self.chip = LeavingChip(chip, atCommand: leavingAtCommand)
        let chip = self.chip
        connection = VirtualReaderConnection(to: .init(port: reader.port), chip: chip)
        chip.connection.withLock { [connection] in $0 = connection }
        try connection.start()
        try wait("the card did not come into the reader") { $0.isCardPresent }
    }

    deinit { try? takeOut() }

    /// Takes the card away, once nobody is connected to it any more, and waits until PC/SC sees that.
    func takeOut() throws {
        // pcscd resets a card when its last user goes; where it is gone by then, pcscd takes some time to notice.
        try wait("somebody keeps the card") { !$0.isInUse || !$0.isCardPresent }
        connection.stop()
        chip.connection.withLock { $0 = nil }
        try wait("the card did not leave the reader") { !$0.isCardPresent }
        Thread.sleep(forTimeInterval: Self.settlingSeconds)
    }

    /// Waits until the card, which leaves by itself, is gone for PC/SC.
    func waitUntilGone() throws { try wait("the card did not leave the reader") { !$0.isCardPresent } }

    /// Connects, reads, and lets go.
    func read(_ request: ReadRequest) throws(CardReaderError) -> ChipRead {
        let card = try PCSCContext().connect(reader: name)
        defer { card.close() }
        return try ChipReader(channel: card).read(request)
    }

    private func wait(_ failure: String, until condition: (ReaderState) -> Bool) throws {
        let context = try PCSCContext()
        let deadline = ContinuousClock.now + .seconds(30)
        var readers = try context.readers()
        while !readers.contains(where: { $0.name == name && condition($0) }) {
            try #require(ContinuousClock.now < deadline, "\(failure)")
            readers = try context.waitForChange(from: readers, timeLimit: .seconds(1))
        }
    }
}

/// A chip that is taken away in the middle of a conversation.
private final class LeavingChip: SimulatedChip {
    /// The connection that holds it in the reader.
    let connection = Mutex<VirtualReaderConnection?>(nil)
    private let chip: any SimulatedChip
    private let remaining: Mutex<Int?>

    init(_ chip: any SimulatedChip, atCommand index: Int?) {
        self.chip = chip
        remaining = Mutex(index)
    }

    var answerToReset: [UInt8] { chip.answerToReset }
    var hasLeft: Bool { chip.hasLeft }
    func reset() { chip.reset() }

    func answer(_ command: [UInt8]) -> [UInt8]? {
        let isLeaving = remaining.withLock { remaining -> Bool in
            guard let count = remaining else { return false }
            remaining = count - 1
            return count <= 0
        }
        guard !isLeaving else {
            // Not on this thread, for whose end `stop` waits. The chip then lets the connection go.
            let connection = connection.withLock { connection in
                defer { connection = nil }
                return connection
            }
            Thread.detachNewThread { connection?.stop() }
            return nil
        }
        return chip.answer(command)
    }
}
