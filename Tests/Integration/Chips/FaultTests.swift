import CardReader
import Document
import Simulator
import Testing
import Verifier

@Suite("A read that a fault befalls at one command")
struct FaultTests {
    private static let names = FaultCatalogue.entries.filter(\.hasPlace).map(\.name)

    /// How the card opens, and whether the reader knows extended length.
    enum Setup: CaseIterable, Sendable {
        case pace, basicAccessControl, shortLength
    }

    private static let reads = Result {
        [
            Setup.pace: try FaultyReads(hasPACE: true), .basicAccessControl: try FaultyReads(hasPACE: false),
            .shortLength: try FaultyReads(hasPACE: true, allowsExtendedLength: false),
        ]
    }

    @Test(
        "ends by an error that tells of it or comes to the card's own files, and the next read succeeds",
        arguments: names, Setup.allCases)
    func everyCommand(_ name: String, setup: Setup) throws {
        let reads = try #require(Self.reads.get()[setup])
        var count = 0
        for index in 0..<reads.clean.apduCount {
            let chip = try reads.chip("\(name)@\(index)")
            try expect(reads.read(chip), chip, reads, name, "\(name)@\(index)")
            count += chip.faultCount
            let next = reads.read(chip)
            #expect((try? next.get())?.image == reads.clean.image, "after \(name)@\(index): \(next)")
        }
        #expect(count > 0 || name == "loses-messaging")
    }

    @Test(
        "which lasts, ends by an error that tells of it or comes to the card's own files", arguments: names)
    func everyCommandOn(_ name: String) throws {
        let reads = try #require(Self.reads.get()[.pace])
        for index in 0..<reads.clean.apduCount {
            let chip = try reads.chip("\(name)@\(index)+")
            try expect(reads.read(chip), chip, reads, name, "\(name)@\(index)+")
        }
    }

    private func expect(
        _ result: Result<ChipRead, CardReaderError>, _ chip: FaultyChip, _ reads: FaultyReads, _ name: String,
        _ place: String
    ) throws {
        switch result {
        case .failure(let error):
            #expect(chip.faultCount > 0 && FaultNames(name: name).isTold(by: error.cause), "\(place): \(error)")
        case .success(let read):
            #expect(reads.isUnmixed(read) || !read.unread.isEmpty, "\(place)")
            guard chip.faultCount == 0 else { return try expectJudged(read, reads, name, place) }
            #expect(read.image == reads.clean.image, "\(place)")
        }
    }

    /// A read that came to its end although: whatever was forged is told by the verdict, and what is missing by the read.
    private func expectJudged(_ read: ChipRead, _ reads: FaultyReads, _ name: String, _ place: String) throws {
        let verdict = try reads.verdict(read)
        #expect(reads.isWhole(read) || !read.unread.isEmpty || verdict.outcome != .genuine, "\(place)")
        // EF.CardAccess is nobody's but the wire's, and told to be missing by the signed DG14.
        if read.image[.cardAccess] != reads.clean.image[.cardAccess] {
            #expect(verdict.check(.chipDowngrade)?.result == .failed, "\(place)")
        }
        guard FaultNames(name: name).isForgery else { return }
        // The one answer that may be forged without ending the read is the proof's, which then fails; where the forgery
        // looks like a lost session, the chip is opened anew and asked for the whole proof once more.
        let isAskedAgain = name == "unprotected" && reads.isWhole(read) && verdict.outcome == .genuine
        #expect(verdict.outcome == .invalid || isAskedAgain, "\(place): \(verdict.outcome)")
    }
}

extension FaultNames {
    /// Whether the fault makes an answer that holders of the session's keys would not make.
    fileprivate var isForgery: Bool {
        [
            "wrong-mac", "mac-over-other-data", "skipped-counter", "repeated-counter", "mac-missing", "status-differs",
            "status-missing", "unprotected", "endless-length",
        ].contains(name)
    }
}
