/// A chip in a virtual reader: whatever answers commands. Link and chip faults are chips around a `VirtualCard`.
public protocol SimulatedChip: Sendable {
    /// The answer to reset.
    var answerToReset: [UInt8] { get }
    /// Power comes or goes: every session ends.
    func reset()
    /// The answer to one command, status word at its end; nil when the chip stays mute.
    func answer(_ command: [UInt8]) -> [UInt8]?
    /// Whether the card was taken out of the reader by whatever it is that answers.
    var hasLeft: Bool { get }
}

extension SimulatedChip {
    /// A chip stays where it is put.
    public var hasLeft: Bool { false }
}
