import Testing

@testable import CardReader

@Suite("PC/SC codes")
struct PCSCCodeTests {
    @Test(
        "Every code that an operator can do something about has its own error",
        arguments: [
            (UInt32(0x8010_001D), CardReaderError.serviceUnavailable(code: .noService)),
            (0x8010_001E, .serviceUnavailable(code: .serviceStopped)),
            (0x8010_0013, .serviceUnavailable(code: .commError)),
            (0x8010_0009, .readerUnavailable(reader: "R", code: .unknownReader)),
            (0x8010_0017, .readerUnavailable(reader: "R", code: .readerUnavailable)),
            (0x8010_000B, .readerInUse(reader: "R")),
            (0x8010_000C, .noCard(reader: "R")),
            (0x8010_0069, .cardRemoved(code: .removedCard)),
            (0x8010_0068, .cardReset(code: .resetCard)),
            (0x8010_0066, .cardMute(code: .unresponsiveCard)),
            (0x8010_0067, .cardMute(code: .unpoweredCard)),
            (0x8010_0002, .cancelled),
            (0x8010_0001, .readerFailure(call: "SCardConnect", code: PCSCCode(rawValue: 0x8010_0001))),
        ])
    func errors(_ code: UInt32, _ error: CardReaderError) {
        #expect(PCSCFailure(call: "SCardConnect", code: PCSCCode(rawValue: code)).asError(reader: "R") == error)
    }

    @Test("A code is told by its name, or in hexadecimal")
    func description() {
        #expect(PCSCCode(rawValue: 0x8010_0069).description == "SCARD_W_REMOVED_CARD")
        #expect(PCSCCode(rawValue: 0x8010_0001).description == "0x80100001")
        #expect(CardReaderError.cardRemoved(code: .removedCard).description.contains("SCARD_W_REMOVED_CARD"))
    }
}

@Suite("A thread for calls that block")
struct CallThreadTests {
    @Test("A call that ends in time gives its value")
    func value() {
        let thread = CallThread(label: "test")
        #expect(thread.run(deadline: nil) { 42 } == 42)
        #expect(thread.run(deadline: .now + .seconds(60)) { "done" } == "done")
    }

    @Test("A call that hangs is given up at the deadline, and those after it still run in order")
    func hanging() {
        let thread = CallThread(label: "test")
        let gate = Gate()
        #expect(thread.run(deadline: .now + .milliseconds(20)) { gate.pass() } == nil)
        gate.open()
        #expect(thread.run(deadline: nil) { gate.passed } == 1)
    }

    @Test("A deadline that is over does not wait")
    func over() {
        let thread = CallThread(label: "test")
        let gate = Gate()
        #expect(thread.run(deadline: .now - .seconds(1)) { gate.pass() } == nil)
        gate.open()
    }
}

@Suite("Waiting times")
struct DurationTests {
    @Test(
        "Milliseconds are rounded up and never negative",
        arguments: [
            (Duration.zero, UInt(0)), (.milliseconds(1), 1), (.microseconds(1), 1), (.microseconds(1001), 2),
            (.seconds(3), 3000), (.seconds(-1), 0), (.milliseconds(-1), 0), (.seconds(Int64.max), 4_000_000_000),
        ])
    func milliseconds(_ duration: Duration, _ milliseconds: UInt) {
        #expect(duration.milliseconds == milliseconds)
    }
}
