/// A chip in a virtual reader: whatever answers commands. Link and chip faults are chips around a `VirtualCard`.
public protocol SimulatedChip: Sendable {
    /// The answer to reset.
    var answerToReset: [UInt8] { get }
    /// Power comes or goes: every session ends.
    func reset()
    /// The answer to one command, status word at its end; nil when the chip stays mute.
    func answer(_ command: [UInt8]) -> [UInt8]?
}
