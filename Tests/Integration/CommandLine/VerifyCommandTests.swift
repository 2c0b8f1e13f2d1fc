import Foundation
import TestSupport
import Testing

@Suite("cccd verify")
struct VerifyCommandTests {
    @Test(
        "a file that is no card image is refused by name, whatever it is",
        arguments: [
            ("nothing", []),
            ("JSON of nothing", Array("{}".utf8)),
            ("one byte", [0x77]),
            ("a tag without a length", [0x7F]),
            ("a length beyond the end", [0x77, 0x82, 0x10, 0x00, 0x30]),
            ("a length of eight octets", [0x77, 0x88] + [UInt8](repeating: 0xFF, count: 8)),
            ("an unknown file", [0x55, 0x01, 0x00]),
            ("the same file twice", [0x77, 0x00, 0x77, 0x00]),
            ("text", Array("This is not a card.".utf8)),
            ("half a JSON object", Array("{\"EF_SOD\": \"dw".utf8)),
            ("JSON of other things", Array("{\"EF_SOD\": 7}".utf8)),
            ("base64 that is none", Array("{\"EF_SOD\": \"***\"}".utf8)),
            ("deep JSON", Array(repeating: UInt8(ascii: "["), count: 100_000)),
        ] as [(String, [UInt8])])
    func noImage(_ name: String, _ bytes: [UInt8]) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(bytes, to: "image")
        let result = try CommandLineTool.run("verify", "--json", file)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(file), "\(result.errors)")
    }

    @Test("a security object of nonsense is judged, and is not proven")
    func nonsense() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write([0x77, 0x03, 0x02, 0x01, 0x00], to: "image")
        let result = try CommandLineTool.run("verify", "--json", file)
        let verdict = try PrintedVerdict(result.output)
        #expect(result.status == 1)
        #expect(verdict.outcome == "invalid")
        #expect(verdict.result("sod.structure") == "failed")
        #expect(!verdict.checks.contains { $0.result == "passed" })
    }

    @Test("a day that does not exist is refused", arguments: ["2026-13-01", "2026-02-29", "tomorrow", "", "2026-1-1"])
    func wrongDay(_ day: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write([0x77, 0x03, 0x02, 0x01, 0x00], to: "image")
        let result = try CommandLineTool.run("verify", "--at", day, file)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("--at must be a day"))
    }

    @Test("a file larger than any card is refused without being read")
    func huge() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write([0x77], to: "image")
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        try handle.truncate(atOffset: 1 << 40)
        try handle.close()
        let result = try CommandLineTool.run("verify", file)
        #expect(result.status == 2)
        #expect(result.errors.contains("larger than any card"))
    }

    @Test("a device is not read", arguments: ["/dev/zero", "/dev/null"])
    func device(_ path: String) throws {
        let result = try CommandLineTool.run("verify", path)
        #expect(result.status == 2)
        #expect(result.errors.contains(path))
    }

    @Test("nothing at the path is told")
    func missing() throws {
        let path = try TemporaryFolder().path("nowhere")
        let result = try CommandLineTool.run("verify", path)
        #expect(result.status == 2)
        #expect(result.errors.contains("\(path) does not exist or cannot be read"))
    }

    @Test("a folder without elementary files is told")
    func emptyFolder() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write([1, 2, 3], to: "holiday.jpg")
        let result = try CommandLineTool.run("verify", folder.path)
        #expect(result.status == 2)
        #expect(result.errors.contains("holds no elementary file"))
    }

    @Test("a trust store that is not there ends the question")
    func missingTrust() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write([0x77, 0x00], to: "image")
        let result = try CommandLineTool.run("verify", "--trust", folder.path("nowhere"), file)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("nowhere"))
    }
}

@Suite("cccd verify on real chains", .enabled(if: SharedVectors.arePresent, "the shared vectors are not there"))
struct VerifyRealChainsTests {
    static let chains = SharedVectors.names(in: "chains", suffix: ".sod").map { String($0.dropLast(4)) }
    static let proven = ["sod.structure", "sod.messageDigest", "sod.signature", "signer.chain", "signer.validity"]

    private static func path(_ name: String) -> String {
        SharedVectors.folder.appending(path: "chains/\(name)").path
    }

    /// All eight signers and their CSCAs were valid on the day given.
    private static func verify(_ chain: String, trust: [String]) throws -> (status: Int32, verdict: PrintedVerdict) {
        let anchors = trust.flatMap { ["--trust", path("\($0).csca.cer")] }
        let result = try ShellCommand.run(
            [CommandLineTool.path, "verify", "--json", "--at", "2024-06-01"] + anchors + [path("\(chain).sod")])
        #expect(result.errors.isEmpty)
        return (result.status, try PrintedVerdict(result.output))
    }

    @Test("with its CSCA the signature and the chain pass, and the data is not called proven", arguments: chains)
    func rightAnchor(_ chain: String) throws {
        let (status, verdict) = try Self.verify(chain, trust: [chain])
        for id in Self.proven { #expect(verdict.result(id) == "passed", "\(id)") }
        #expect(verdict.result("dataGroups.hash") == "notPerformed")
        #expect(verdict.reason("dataGroups.hash") == "noDataGroups")
        #expect(verdict.outcome == "unverified")
        #expect(status == 2)
    }

    @Test("with the seven other CSCAs it does not pass", arguments: chains)
    func otherAnchors(_ chain: String) throws {
        let (status, verdict) = try Self.verify(chain, trust: Self.chains.filter { $0 != chain })
        #expect(verdict.result("signer.chain") != "passed")
        #expect(verdict.outcome == "unverified")
        #expect(status == 2)
    }

    @Test("cut off anywhere it is refused or not proven", arguments: chains.prefix(1))
    func truncated(_ chain: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try SharedVectors.bytes("chains/\(chain).sod")
        for count in stride(from: 1, to: bytes.count, by: bytes.count / 6) {
            let file = try folder.write(Array(bytes.prefix(count)), to: "image")
            let result = try CommandLineTool.run("verify", "--trust", Self.path("\(chain).csca.cer"), file)
            #expect([1, 2].contains(result.status), "\(count) bytes")
        }
    }

    @Test("the text form names every check that the JSON has")
    func text() throws {
        let chain = try #require(Self.chains.first)
        let (_, verdict) = try Self.verify(chain, trust: [chain])
        let text = try CommandLineTool.run(
            "verify", "--trust", Self.path("\(chain).csca.cer"), Self.path("\(chain).sod"))
        for check in verdict.checks { #expect(text.output.contains(check.id)) }
    }
}
