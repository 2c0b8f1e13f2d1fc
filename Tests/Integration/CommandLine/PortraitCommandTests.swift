import Document
import Foundation
import Simulator
import TestSupport
import Testing

@Suite("cccd portrait")
struct PortraitCommandTests {
    private let folder: TemporaryFolder
    private let card: String
    private let out: String

    init() throws {
        folder = try TemporaryFolder()
        card = folder.path("card")
        out = folder.path("portrait.png")
        try TestState.shared.card(.good).image.write(folder: card)
    }

    @Test("takes the portrait out of a stored card, for its owner alone")
    func taken() throws {
        let result = try CommandLineTool.run("portrait", card, "--out", out)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("360 × 480 pixels, image/png"))
        let bytes = try Data(contentsOf: URL(filePath: out))
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        let mode = try FileManager.default.attributesOfItem(atPath: out)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["card", "portrait.png"])
    }

    @Test("says what is wrong without a portrait, with a damaged one, and without a place to write to")
    func refused() throws {
        let dg2 = URL(filePath: card).appending(path: "EF_DG2.bin")
        let file = try Data(contentsOf: dg2)
        var damaged = file
        let start = try #require(file.firstRange(of: [0xFF, 0x93])).upperBound
        // The picture's data overwritten, not its length.
        for index in start..<file.count { damaged[index] = 0xFF }
        try damaged.write(to: dg2)
        let broken = try CommandLineTool.run("portrait", card, "--out", out)
        #expect(broken.status == 2)
        #expect(broken.errors.contains("The portrait is damaged"), "\(broken.errors)")

        try FileManager.default.removeItem(at: dg2)
        let missing = try CommandLineTool.run("portrait", card, "--out", out)
        #expect(missing.status == 2)
        #expect(missing.errors.contains("no portrait: DG2 was not read or stored"))
        #expect(!FileManager.default.fileExists(atPath: out))

        try file.write(to: dg2)
        let nowhere = try CommandLineTool.run("portrait", card, "--out", folder.path("none/portrait.png"))
        #expect(nowhere.status == 2)
        #expect(nowhere.errors.contains("cannot write"))
        #expect(try CommandLineTool.run("portrait", card).errors.contains("--out FILE"))
    }

    @Test("the decoder is called by no user: it is not in the overview")
    func hidden() throws {
        let overview = try CommandLineTool.run("--help").output
        #expect(overview.contains("portrait"))
        #expect(!overview.contains("decode-portrait"))
    }
}
