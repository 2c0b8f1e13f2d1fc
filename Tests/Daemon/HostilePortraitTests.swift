import Foundation
import Portrait
import TestSupport
import Testing

@testable import Daemon

private enum DecodingProgram {
    /// The `cccd` that was built together with these tests, which is started to decode.
    static let path: String? = {
        guard let runner = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        let path = URL(filePath: runner).deletingLastPathComponent().appending(path: "cccd").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()
}

@Suite("Hostile portraits", .enabled(if: DecodingProgram.path != nil, "the program is not built"))
struct HostilePortraitTests {
    /// The placeholder's JPEG 2000, and what an attacker would make of it.
    private static func images() throws -> [(name: String, bytes: [UInt8], isPicture: Bool)] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let good = [UInt8](try Data(contentsOf: root.appending(path: "Fixtures/Portrait/placeholder.jp2")))
        // The image's size in the marker segment SIZ (ISO/IEC 15444-1, A.5.1).
        let size = try #require(good.firstRange(of: [0xFF, 0x51])?.upperBound) + 4
        var bomb = good
        bomb.replaceSubrange(size..<(size + 8), with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
        var large = good
        large.replaceSubrange(size..<(size + 8), with: [0, 0, 0x0C, 0, 0, 0, 0x0C, 0])
        var images = [
            ("whole", good, true), ("a size of 60000 × 60000", bomb, false), ("a size of 3072 × 3072", large, false),
            ("nothing", [], false), ("zeros", [UInt8](repeating: 0, count: 60_000), false),
            ("five mebibytes", good + [UInt8](repeating: 0xFF, count: 5 << 20), false),
        ]
        for part in [2, 3, 5] { images.append(("cut to 1/\(part)", Array(good.prefix(good.count / part)), false)) }
        for seed in 1...6 {
            var broken = good
            for index in 0..<40 { broken[(seed * 7919 + index * 613) % broken.count] ^= UInt8(1 << (index % 8)) }
            images.append(("broken \(seed)", broken, false))
        }
        return images
    }

    @Test("the daemon answers every one of them, a picture or a problem, and grows by none")
    func answers() throws {
        let program = try #require(DecodingProgram.path)
        let process = PortraitProcess(
            program: program, arguments: ["cccd", PortraitChild.command], timeLimit: .seconds(10))
        let current = Guarded<[UInt8]>([])
        let desk = ScriptedDesk(read: { _, _, _ in
            var reading = CardReading.scripted
            reading.image.files[.dg2] = current.withLock { $0 }
            return reading
        })
        let daemon = try TestDaemon(
            desk: desk, decoder: ScriptedDecoder(decode: { (file) throws(PortraitError) in try process.decode(file) }))
        let images = try Self.images()
        let before = SystemCalls.ownUsage()?.residentBytes ?? 0
        for image in images {
            current.withLock { $0 = image.bytes }
            let reply = try daemon.checkIn("{\"can\": \"012345\", \"portraitFollows\": true}")
            let id = try #require(reply.headers["audit-id"])
            let answer = try #require(try TestClient.request(daemon.path, "GET /v1/check-ins/\(id)/portrait"))
            // A few broken bits may leave a picture.
            #expect(answer.status == 200 || answer.status == 409, "\(image.name)")
            if image.isPicture { #expect(answer.headers["content-type"] == "image/png") }
            if answer.status == 409 { #expect(try Reply(answer).problem == "portrait-unusable", "\(image.name)") }
            if image.bytes.count < 100 || image.bytes.count > 4 << 20 { #expect(answer.status == 409, "\(image.name)") }
        }
        let after = SystemCalls.ownUsage()?.residentBytes ?? 0
        // What is freed meanwhile, by this test and those beside it, stays in the sanitizer's quarantine, with its shadow.
        let quarantine = AddressSanitizer.quarantineBytes * 9 / 8
        #expect(after < before + (128 << 20) + quarantine, "from \(before) to \(after) bytes")
    }
}
