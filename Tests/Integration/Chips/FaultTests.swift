import CardReader
import Document
import Simulator
import Synchronization
import Testing
import Verifier

@Suite("A read that a fault befalls at one command")
struct FaultTests {
    private static let names = FaultCatalogue.entries.filter(\.hasPlace).map(\.name)

    private static let withPACE = Result { try FaultyReads(hasPACE: true) }
    private static let withBAC = Result { try FaultyReads(hasPACE: false) }

    @Test(
        "ends by an error that tells of it or comes to the card's own files, and the next read succeeds",
        arguments: names, [true, false])
    func everyCommand(_ name: String, hasPACE: Bool) throws {
        let reads = try (hasPACE ? Self.withPACE : Self.withBAC).get()
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
        let reads = try Self.withPACE.get()
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
        // EF.CardAccess is nobody's but the wire's.
        if read.image[.cardAccess] != reads.clean.image[.cardAccess] {
            #expect(verdict.check(.chipDowngrade)?.result != .passed, "\(place)")
        }
        guard FaultNames(name: name).isForgery else { return }
        // The one answer that may be forged without ending the read is the proof itself, which then fails.
        #expect(verdict.outcome == .invalid, "\(place): \(verdict.outcome)")
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

@Suite("A chip unlike others")
struct UnlikeChipTests {
    @Test(
        "is read as any other",
        arguments: [
            "no-extended-length", "6cxx", "61xx=200", "61xx=16", "61xx=1", "end-of-file=warning", "end-of-file=short",
            "end-of-file=6cxx", "fci=always", "fci=never", "slow=424000/2", "delay=1000", "loses-messaging",
        ], [true, false])
    func readsAlike(_ fault: String, hasPACE: Bool) throws {
        let reads = try FaultyReads(hasPACE: hasPACE)
        let read = try reads.read(reads.chip(fault)).get()
        #expect(read.image == reads.clean.image)
        #expect(read.unread.isEmpty)
        #expect(try reads.verdict(read).outcome == .genuine)
    }

    @Test("without EF.COM is read by what EF.SOD lists", arguments: [[], ["loses-messaging"]])
    func noCommonFile(_ more: [String]) throws {
        let reads = try FaultyReads(hasPACE: true)
        let chip = try FaultyChip(reads.card, faults: (["no-com"] + more).map { try Fault($0) })
        let read = try reads.read(chip).get()
        #expect(read.image[.com] == nil)
        #expect(read.unread.map(\.file) == [.com])
        for file in [ElementaryFile.dg1, .dg13, .dg14, .dg15] { #expect(read.image[file] == reads.card.image[file]) }
    }

    @Test("without a master file opens by BAC, and not to the personal number alone")
    func noMasterFile() throws {
        let reads = try FaultyReads(hasPACE: true)
        let read = try reads.read(reads.chip("no-master-file")).get()
        #expect(read.access == .basicAccessControl)
        let alone = FaultyReads.read(
            try reads.chip("no-master-file"), ReadRequest(key: .personalNumber(Citizen.demo.personalNumber)))
        guard case .failure(.keyNotUsable) = alone else {
            Issue.record("\(alone)")
            return
        }
    }

    @Test(
        "whose file announces more than comes, or than a file can have, is read but for that file",
        arguments: ["500", "32767", "65531", "65535", "65536", "70000", "16777215", "50000000", "endless"])
    func announcedLength(_ length: String) throws {
        let reads = try FaultyReads(hasPACE: true)
        let read = try reads.read(reads.chip("announced-length=EF_DG13:\(length)")).get()
        #expect(read.image[.dg13] == nil)
        #expect(read.unread.map(\.file) == [.dg13])
        #expect(read.image[.dg1] == reads.card.image[.dg1])
    }

    @Test("that delays after wrong keys is waited for")
    func delay() throws {
        let reads = try FaultyReads(hasPACE: true)
        let waited = Waited()
        let chip = try FaultyChip(reads.card, faults: [Fault("delay=1000")], pause: { waited.add($0) })
        for _ in 0..<2 {
            let wrong = FaultyReads.read(
                chip, ReadRequest(key: .personalNumber(try PersonalNumber("001090054321"))))
            guard case .failure(.wrongKey) = wrong else {
                Issue.record("\(wrong)")
                return
            }
        }
        let before = waited.seconds
        _ = try reads.read(chip).get()
        // Two keys were wrong: each of the four steps waits two seconds.
        #expect(before == 4 && waited.seconds == 12)
    }

    @Test("behind a slow link costs what its bytes and commands cost")
    func slow() throws {
        let reads = try FaultyReads(hasPACE: true)
        let waited = Waited()
        let chip = try FaultyChip(reads.card, faults: [Fault("slow=424000/2")], pause: { waited.add($0) })
        let read = try reads.read(chip).get()
        let expected = 0.002 * Double(read.apduCount) + Double(8 * read.byteCount) / 424_000
        #expect(abs(waited.seconds - expected) < 1e-9)
    }

    @Test("torn away at any byte is read on from there when it is laid on again")
    func tornAtByte() throws {
        let reads = try FaultyReads(hasPACE: true)
        for byte in stride(from: 0, to: reads.clean.byteCount, by: 97) {
            let chip = try reads.chip("torn=\(byte)")
            let first = reads.read(chip)
            guard case .failure(let error) = first, case .cardRemoved = error.cause else {
                Issue.record("\(byte): \(first)")
                continue
            }
            var request = reads.request
            if case .interrupted(let part, _) = error { request.resuming = part }
            let second = FaultyReads.read(chip, request)
            #expect((try? second.get())?.image == reads.clean.image, "\(byte): \(second)")
        }
    }
}

@Suite("A forged chip")
struct ForgedChipTests {
    private func verdict(_ reads: FaultyReads, _ fault: String, proofs: ReadRequest.Proofs = .all) throws -> Verdict {
        var request = reads.request
        request.proofs = proofs
        return try reads.verdict(FaultyReads.read(reads.chip(fault), request).get())
    }

    @Test(
        "with the right files is told by chip authentication",
        arguments: ["cloned", "keyless", "unsigned-chip-key", "stops-proving"], [true, false])
    func chipAuthentication(_ fault: String, hasPACE: Bool) throws {
        let verdict = try verdict(FaultyReads(hasPACE: hasPACE), fault)
        #expect(verdict.outcome == .invalid)
        #expect(verdict.check(.chipAuthentication)?.result != .passed)
        if fault == "unsigned-chip-key" { #expect(verdict.check(.dataGroupsHash)?.result == .failed) }
    }

    @Test(
        "with the right files is told by active authentication", arguments: ["cloned", "keyless", "replayed-signature"])
    func activeAuthentication(_ fault: String) throws {
        let reads = try FaultyReads(hasPACE: true) { $0.chipAuthenticationKeys = [] }
        let verdict = try verdict(reads, fault)
        #expect(verdict.outcome == .invalid)
        #expect(verdict.check(.chipActiveAuthentication)?.result == .failed)
    }

    @Test("with the right files is told by chip authentication mapping")
    func mapping() throws {
        let reads = try FaultyReads(hasPACE: true) {
            $0.pace = [PACEOffer(mapping: .chipAuthentication, parameterID: 12)]
        }
        #expect(try reads.verdict(reads.clean).outcome == .genuine)
        let verdict = try verdict(reads, "cloned", proofs: .one)
        #expect(verdict.outcome == .invalid)
        #expect(verdict.check(.chipAuthentication)?.result == .failed)
    }

    @Test("that hides PACE is told by what its DG14 says")
    func downgrade() throws {
        let reads = try FaultyReads(hasPACE: true)
        let read = try reads.read(reads.chip("downgraded")).get()
        #expect(read.access == .basicAccessControl)
        let verdict = try reads.verdict(read)
        #expect(verdict.outcome == .invalid)
        #expect(verdict.check(.chipDowngrade)?.result == .failed)
    }

    @Test(
        "that sends a bad public key in PACE is told as breaking the protocol",
        arguments: ["reflected", "off-curve", "infinity", "small-order"], [13, 18, 0])
    func paceKey(_ kind: String, parameterID: Int) throws {
        let reads = try FaultyReads(hasPACE: true) { $0.pace = [PACEOffer(parameterID: parameterID)] }
        for place in ["", "/mapping"] {
            let result = reads.read(try reads.chip("pace-key=\(kind)\(place)"))
            guard case .failure(.protocolViolation(step: "PACE", _)) = result else {
                Issue.record("\(kind)\(place): \(result)")
                continue
            }
        }
    }
}

/// Adds up how long a chip would have waited.
private final class Waited: Sendable {
    private let sum = Mutex(0.0)
    var seconds: Double { sum.withLock { $0 } }
    func add(_ seconds: Double) { sum.withLock { $0 += seconds } }
}
