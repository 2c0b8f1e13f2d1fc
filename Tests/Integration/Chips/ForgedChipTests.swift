import CardReader
import Simulator
import Testing
import Verifier

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

    @Test("with the right files is told by chip authentication mapping whose key is in EF.CardSecurity alone")
    func mappingWithKeyInCardSecurity() throws {
        let reads = try FaultyReads(hasPACE: true) {
            $0.pace = [PACEOffer(mapping: .chipAuthentication, parameterID: 12)]
            $0.chipAuthenticationKeys = []
            $0.activeAuthentication = nil
            $0.dataGroups = [1, 13, 14]
        }
        #expect(try reads.verdict(reads.clean).outcome == .genuine)
        #expect(try verdict(reads, "cloned", proofs: .one).outcome == .invalid)
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
