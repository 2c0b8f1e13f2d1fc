import Document
import Testing

@testable import CardReader

@Suite("A chip that lets wait")
struct DelayTests {
    /// Answers as the chip does, and says that it took so many seconds.
    private final class SlowChannel: CardChannel {
        let chip: TestChip
        let seconds: (_ command: [UInt8]) -> Int

        init(_ chip: TestChip, seconds: @escaping (_ command: [UInt8]) -> Int) {
            (self.chip, self.seconds) = (chip, seconds)
        }

        var atr: [UInt8] { chip.atr }
        var allowsExtendedLength: Bool { true }

        func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8] {
            try chip.transmit(command, deadline: deadline)
        }

        func transmit(
            _ command: [UInt8], deadline: ContinuousClock.Instant?, waiting: (Duration) -> Void
        ) throws(CardReaderError) -> [UInt8] {
            for second in 0..<seconds(command) { waiting(.seconds(second + 1)) }
            return try chip.transmit(command, deadline: deadline)
        }

        func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) { try chip.reset(deadline: deadline) }
    }

    @Test("after wrong keys is waited for, and the caller told that this is why")
    func afterWrongKeys() throws {
        // Born on 29 February, so that two expiry dates are possible.
        let qr = try QRText("001300012345||Nguyễn Thị Mẫu|29022000|Nữ|Số 1, phố Thử, Hà Nội|20052021")
        let chip = try Sample.chip(cardAccess: nil)
        chip.accessSeed = try qr.accessCandidates.last?.paceSecret().prefix(16).bytes
        let channel = SlowChannel(chip) { $0[1] == 0x82 ? 2 : 0 }
        var delays: [ReadDelay] = []
        let read = try ChipReader(channel: channel).read(
            ReadRequest(key: .qr(qr), files: .withoutPortrait), waiting: { delays.append($0) })
        #expect(read.attempts.count > 1)
        #expect(delays.count == 2 * read.attempts.count)
        #expect(delays.prefix(2).allSatisfy { !$0.followsWrongKey })
        #expect(delays.dropFirst(2).allSatisfy { $0.followsWrongKey })
        #expect(delays.map(\.elapsed).prefix(2) == [.seconds(1), .seconds(2)])
    }

    @Test("is told every second by the thread that waits, and the answer comes through")
    func callThread() {
        var told: [Duration] = []
        let thread = CallThread(label: "test")
        let gate = Gate()
        let answer = thread.run(
            deadline: nil,
            waiting: {
                told.append($0)
                gate.open()
            }
        ) { () -> Int in
            gate.pass()
            return 7
        }
        #expect(answer == 7)
        #expect(told.count == 1)
    }
}
