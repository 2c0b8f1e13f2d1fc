import CardReader
import Document
import Simulator
import Synchronization
import Testing
import Verifier

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
        // Its signed DG14 promises PACE.
        #expect(try reads.verdict(read).check(.chipDowngrade)?.result == .failed)
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

    @Test("with a file over 32 KiB is read whole, by the odd instruction", arguments: [true, false], [33_000, 65_000])
    func longFile(_ allowsExtendedLength: Bool, byteCount: Int) throws {
        let reads = try FaultyReads(hasPACE: true, allowsExtendedLength: allowsExtendedLength) {
            $0.dataGroups.insert(2)
            $0.portrait = Portrait(
                bytes: [UInt8](repeating: 0xA5, count: byteCount), kind: .jpeg2000, width: 480, height: 640)
        }
        #expect(reads.clean.image[.dg2] == reads.card.image[.dg2])
        #expect((reads.clean.image[.dg2]?.count ?? 0) > byteCount)
    }

    @Test("that offers many ways of PACE opens by one of them, and proves itself by the way where it can")
    func manyWays() throws {
        let offers = [
            PACEOffer(cipher: .tripleDES, parameterID: 0), PACEOffer(parameterID: 18), PACEOffer(parameterID: 12),
            PACEOffer(mapping: .integrated, cipher: .aes256, parameterID: 17),
        ]
        let generic = try FaultyReads(hasPACE: true) { $0.pace = offers }
        #expect(try generic.verdict(generic.clean).outcome == .genuine)
        let mapping = PACEOffer(mapping: .chipAuthentication, cipher: .aes192, parameterID: 15)
        let proving = try FaultyReads(hasPACE: true) { $0.pace = offers + [mapping] }
        guard case .answered = proving.clean.proofs.paceChipAuthenticationMapping else {
            Issue.record("\(proving.clean.proofs)")
            return
        }
        #expect(try proving.verdict(proving.clean).outcome == .genuine)
    }

    @Test("that counts wrong keys is opened by the right one before the last, and says so after it")
    func tries() throws {
        let reads = try FaultyReads(hasPACE: true) { $0.acceptsBasicAccessControl = false }
        var profile = ChipProfile()
        profile.passwordTries = 3
        let chip = VirtualCard(reads.card, profile: profile)
        let wrong = ReadRequest(key: .personalNumber(try PersonalNumber("001090054321")))
        let right = ReadRequest(key: .personalNumber(Citizen.demo.personalNumber))
        func expectWrongKey() {
            let result = FaultyReads.read(chip, wrong)
            guard case .failure(.wrongKey) = result else {
                Issue.record("\(result)")
                return
            }
        }
        for _ in 0..<2 { expectWrongKey() }
        #expect(try FaultyReads.read(chip, right).get().image == reads.clean.image)
        for _ in 0..<3 { expectWrongKey() }
        guard case .failure(let error) = FaultyReads.read(chip, right) else {
            Issue.record("a blocked chip was read")
            return
        }
        #expect("\(error)".contains("6983"), "\(error)")
    }

    @Test("torn away, with another card laid on in its place, is not read on from there")
    func tornAndReplaced() throws {
        let reads = try FaultyReads(hasPACE: true)
        let first = reads.read(try reads.chip("torn=\(reads.clean.byteCount - 600)"))
        guard case .failure(.interrupted(let part, .cardRemoved)) = first else {
            Issue.record("\(first)")
            return
        }
        var request = reads.request
        request.resuming = part
        let second = FaultyReads.read(VirtualCard(reads.other), request)
        guard case .failure(.differentCard) = second else {
            Issue.record("\(second)")
            return
        }
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

/// Adds up how long a chip would have waited.
private final class Waited: Sendable {
    private let sum = Mutex(0.0)
    var seconds: Double { sum.withLock { $0 } }
    func add(_ seconds: Double) { sum.withLock { $0 += seconds } }
}
