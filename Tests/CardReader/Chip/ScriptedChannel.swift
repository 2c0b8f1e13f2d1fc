import Document
import Testing

@testable import CardReader

/// A channel that expects given commands, byte for byte and in order, and gives the answers written beside them.
final class ScriptedChannel: CardChannel {
    enum Answer {
        case bytes([UInt8])
        case failure(CardReaderError)
    }

    let atr: [UInt8]
    let allowsExtendedLength: Bool
    private var script: [(command: [UInt8], answer: Answer)]
    private(set) var resets = 0

    /// - Parameter script: Commands and answers in hexadecimal.
    init(
        _ script: [(String, String)], atr: [UInt8] = [], allowsExtendedLength: Bool = false
    ) {
        self.script = script.map { (bytes($0.0), .bytes(bytes($0.1))) }
        self.atr = atr
        self.allowsExtendedLength = allowsExtendedLength
    }

    init(failing command: String, with error: CardReaderError) {
        script = [(bytes(command), .failure(error))]
        atr = []
        allowsExtendedLength = false
    }

    /// Whether every command of the script was sent.
    var isDone: Bool { script.isEmpty }

    func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8] {
        guard !script.isEmpty else {
            Issue.record("\(Hexadecimal.text(command)) after the end of the script")
            throw .cardMute()
        }
        let step = script.removeFirst()
        #expect(Hexadecimal.text(command) == Hexadecimal.text(step.command))
        switch step.answer {
        case .bytes(let answer): return answer
        case .failure(let error): throw error
        }
    }

    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) { resets += 1 }
}

/// Bytes from hexadecimal that the test itself writes; spaces are left out.
func bytes(_ hexadecimal: String) -> [UInt8] {
    guard let bytes = Hexadecimal.bytes(hexadecimal.filter { $0 != " " }) else {
        Issue.record("\(hexadecimal) is not hexadecimal")
        return []
    }
    return bytes
}
