import Document
import Simulator
import TestSupport
import Testing
import Verifier

@Suite("cccd verify on simulated cards")
struct VerifySimulatedCardTests {
    private let folder: TemporaryFolder
    private let anchor: String

    init() throws {
        folder = try TemporaryFolder()
        anchor = try folder.write(TestState.shared.anchor, to: "csca.cer")
    }

    private func verify(_ image: String, _ options: String...) throws -> (status: Int32, verdict: PrintedVerdict) {
        let result = try ShellCommand.run(
            [CommandLineTool.path, "verify", "--json", "--trust", anchor, "--at", "2026-06-01"] + options + [image])
        #expect(result.errors.isEmpty)
        return (result.status, try PrintedVerdict(result.output))
    }

    @Test(
        "a good card's data is proven, from a folder, a record and JSON alike", arguments: ["folder", "record", "json"])
    func good(_ form: String) throws {
        let image = try TestState.shared.card(.good).image
        let path = folder.path("card")
        switch form {
        case "folder": try image.write(folder: path)
        case "record": _ = try folder.write(image.record, to: "card")
        default: _ = try folder.write(image.json, to: "card")
        }
        let (status, verdict) = try verify(path)
        #expect(status == 0)
        #expect(verdict.outcome == "authenticData")
        #expect(verdict.validity.isEmpty)
        for id in ["sod.signature", "signer.chain", "dataGroups.hash", "dataGroups.complete", "holder.consistency"] {
            #expect(verdict.result(id) == "passed", "\(id)")
        }
    }

    @Test("one byte of DG13 altered is told by the hash, and by nothing of the signature")
    func tampered() throws {
        try TestState.shared.card(.tampered).image.write(folder: folder.path("card"))
        let (status, verdict) = try verify(folder.path("card"))
        #expect(status == 1)
        #expect(verdict.outcome == "invalid")
        #expect(verdict.result("dataGroups.hash") == "failed")
        #expect(verdict.reason("dataGroups.hash") == "hashMismatch")
        #expect(verdict.result("sod.signature") == "passed")
        #expect(verdict.result("signer.chain") == "passed")
    }

    @Test("a stranger's card is told by the chain, and is not proven")
    func stranger() throws {
        try TestState.shared.card(.stranger).image.write(folder: folder.path("card"))
        let (status, verdict) = try verify(folder.path("card"))
        #expect(status != 0)
        #expect(verdict.outcome != "authenticData" && verdict.outcome != "genuine")
        #expect(verdict.result("signer.chain") != "passed")
        #expect(verdict.result("dataGroups.hash") == "passed" || verdict.result("dataGroups.hash") == "notPerformed")
    }

    @Test("an expired card is authentic and expired")
    func expired() throws {
        try TestState.shared.card(.good).image.write(folder: folder.path("card"))
        let result = try CommandLineTool.run(
            "verify", "--json", "--trust", anchor, "--at", "2031-01-01", folder.path("card"))
        let verdict = try PrintedVerdict(result.output)
        #expect(verdict.outcome == "authenticData")
        #expect(verdict.validity == ["expired"])
    }

    @Test("a card without the file that its security object lists is not called complete")
    func incomplete() throws {
        var image = try TestState.shared.card(.good).image
        image[.dg2] = nil
        try image.write(folder: folder.path("card"))
        let (_, verdict) = try verify(folder.path("card"))
        #expect(verdict.result("dataGroups.hash") == "passed")
        #expect(verdict.result("dataGroups.complete") != "passed")
    }

    @Test("another person's QR text is told")
    func otherQRText() throws {
        try TestState.shared.card(.good).image.write(folder: folder.path("card"))
        let own = try verify(folder.path("card"), "--qr", Citizen.demo.qrText)
        #expect(own.verdict.result("holder.consistency") == "passed")
        var people = CitizenGenerator(seed: 7)
        let (status, verdict) = try verify(folder.path("card"), "--qr", people.next().qrText)
        #expect(status == 1)
        #expect(verdict.result("holder.consistency") == "failed")
    }

    @Test("a file cut off anywhere proves nothing", arguments: [1, 2, 5, 100, 1000, 2000])
    func truncated(_ count: Int) throws {
        let record = try TestState.shared.card(.good).image.record
        let file = try folder.write(Array(record.dropLast(count)), to: "card")
        let result = try CommandLineTool.run("verify", "--json", "--trust", anchor, "--at", "2026-06-01", file)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(file))
    }
}
