import Simulator
import Synchronization

/// One card in the reader whose chip is exchanged between two reads, so that many chips need one card to be laid on.
final class ExchangedChip: SimulatedChip {
    private let chip: Mutex<any SimulatedChip>

    init(_ chip: any SimulatedChip) { self.chip = Mutex(chip) }

    /// Puts another chip in the place of the one before; nobody is connected meanwhile.
    func exchange(for other: any SimulatedChip) { chip.withLock { $0 = other } }

    private var current: any SimulatedChip { chip.withLock { $0 } }

    let answerToReset = ChipProfile().answerToReset
    func reset() { current.reset() }
    func answer(_ command: [UInt8]) -> [UInt8]? { current.answer(command) }
}
