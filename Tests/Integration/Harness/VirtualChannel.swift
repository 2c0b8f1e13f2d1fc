import CardReader
import Simulator

/// A virtual card in this process, without a reader: the channel for the many reads that PC/SC would make slow.
final class VirtualChannel: CardChannel {
    private let chip: any SimulatedChip
    let allowsExtendedLength: Bool

    init(_ chip: any SimulatedChip, allowsExtendedLength: Bool = true) {
        self.chip = chip
        self.allowsExtendedLength = allowsExtendedLength
        chip.reset()
    }

    var atr: [UInt8] { chip.answerToReset }

    func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8] {
        guard !chip.hasLeft else { throw .cardRemoved() }
        if let answer = chip.answer(command) { return answer }
        throw chip.hasLeft ? .cardRemoved() : .cardMute()
    }

    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) {
        guard !chip.hasLeft else { throw .cardRemoved() }
        chip.reset()
    }
}
