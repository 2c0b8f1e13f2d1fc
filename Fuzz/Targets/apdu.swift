@testable import CardReader
import Document

/// A chip that answers anything: the input cut into answers, each a byte of length and so many bytes; 255 stands for the
/// rest.
private final class AnyChip: CardChannel {
    let atr: [UInt8]
    let allowsExtendedLength: Bool
    private(set) var commandCount = 0
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) {
        allowsExtendedLength = input.first.map { $0 & 1 == 0 } ?? true
        atr = Array(input.dropFirst().prefix(12))
        rest = input.dropFirst(13)
    }

    func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8] {
        commandCount += 1
        guard let length = rest.popFirst() else { throw .cardRemoved() }
        let answer = Array(length == 255 ? rest : rest.prefix(Int(length)))
        rest = rest.dropFirst(answer.count)
        return answer
    }

    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) {}
}

/// A whole read of a chip that answers anything.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzRead(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput.bytes(start, count)
    guard let fields = try? AccessFields(documentNumber: "190012345", birthDate: "900215", expiryDate: "300215") else {
        return 0
    }
    let chip = AnyChip(input)
    do throws(CardReaderError) {
        let read = try ChipReader(channel: chip).read(ReadRequest(key: .mrz(fields), timeLimit: .seconds(5)))
        require(read.access == .none, "a chip that knows no key opens by none")
    } catch {
        require(!error.description.isEmpty, "every error has a text")
    }
    require(chip.commandCount <= input.count + 1, "every command is answered by the input")
    return 0
}
