import Foundation
import TestSupport

/// Programs of others that read and write the same formats.
enum Programs {
    /// Whether a program is installed.
    static func has(_ name: String) -> Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/\(name)") }

    /// The pixels that `opj_decompress` makes of an image, without the header of the PNM file.
    static func pixels(ofJPEG2000 image: [UInt8]) throws -> [UInt8] {
        let isCodestream = image.first == 0xFF
        let header = try inFolder { folder in
            let (input, output) = (folder + (isCodestream ? "/in.j2k" : "/in.jp2"), folder + "/out.pnm")
            try Data(image).write(to: URL(filePath: input))
            _ = try ShellCommand.run(["opj_decompress", "-i", input, "-o", output])
            return [UInt8](try Data(contentsOf: URL(filePath: output)))
        }
        return withoutHeader(header)
    }

    /// The pixels of a PNG of eight bits a sample, by Python's own zlib and the filters of ISO/IEC 15948, 9.
    static func pixels(ofPNG image: [UInt8]) throws -> [UInt8] {
        let script = """
            import sys, zlib
            data = open(sys.argv[1], 'rb').read()
            at, packed = 8, b''
            while at < len(data):
                length, name = int.from_bytes(data[at:at + 4], 'big'), data[at + 4:at + 8]
                body = data[at + 8:at + 8 + length]
                assert int.from_bytes(data[at + 8 + length:at + 12 + length], 'big') == zlib.crc32(name + body)
                if name == b'IHDR': width, channels = int.from_bytes(body[:4], 'big'), 3 if body[9] == 2 else 1
                if name == b'IDAT': packed += body
                at += 12 + length
            raw, row = zlib.decompress(packed), width * channels
            above, out = bytearray(row), bytearray()
            for start in range(0, len(raw), row + 1):
                kind, line = raw[start], bytearray(raw[start + 1:start + 1 + row])
                for i in range(row):
                    a, b = line[i - channels] if i >= channels else 0, above[i]
                    c = above[i - channels] if i >= channels else 0
                    p = a + b - c
                    paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
                    line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
                out += line
                above = line
            open(sys.argv[2], 'wb').write(out)
            """
        return try inFolder { folder in
            try Data(image).write(to: URL(filePath: folder + "/in.png"))
            _ = try ShellCommand.run(["python3", "-c", script, folder + "/in.png", folder + "/out"])
            return [UInt8](try Data(contentsOf: URL(filePath: folder + "/out")))
        }
    }

    /// A PNM file as a JPEG 2000 file by `opj_compress`.
    static func compressed(_ file: [UInt8], named name: String, _ options: [String]) throws -> [UInt8] {
        try inFolder { folder in
            try Data(file).write(to: URL(filePath: "\(folder)/\(name)"))
            let words = ["opj_compress", "-i", "\(folder)/\(name)", "-o", "\(folder)/out.jp2"] + options
            _ = try ShellCommand.run(words)
            return [UInt8](try Data(contentsOf: URL(filePath: folder + "/out.jp2")))
        }
    }

    private static func inFolder(_ body: (String) throws -> [UInt8]) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cccd-portrait-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path)
    }

    /// What follows magic, width, height and greatest value, past comments.
    private static func withoutHeader(_ file: [UInt8]) -> [UInt8] {
        var words = 0
        var isInWord = false
        var isComment = false
        for (index, byte) in file.enumerated() {
            if isComment {
                isComment = byte != 0x0A
            } else if byte == UInt8(ascii: "#") {
                isComment = true
            } else if [0x20, 0x0A, 0x0D, 0x09].contains(byte) {
                if isInWord { words += 1 }
                isInWord = false
                if words == 4 { return Array(file[(index + 1)...]) }
            } else {
                isInWord = true
            }
        }
        return []
    }
}
