import Foundation
import Testing

/// Runs the `openssl` command: an opinion on our encodings that is not our own.
enum OpenSSLCommand {
    struct Output {
        var status: Int32
        var text: String
    }

    /// Runs `openssl` with `arguments`, in which `files` may be named: they lie in the working folder.
    static func run(_ arguments: [String], files: [String: [UInt8]] = [:]) throws -> Output {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, bytes) in files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Output(status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
    }

    /// The certificate in PEM, which `openssl verify` of OpenSSL 3.0 wants for its trust anchors.
    static func pem(_ certificate: [UInt8]) -> [UInt8] {
        let base64 = Data(certificate).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return Array("-----BEGIN CERTIFICATE-----\n\(base64)\n-----END CERTIFICATE-----\n".utf8)
    }
}
