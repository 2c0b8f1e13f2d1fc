import CSeccomp
import Glibc

/// The decoder's process: it limits itself before it reads a byte, reads an image from standard input, writes a picture to
/// standard output, and ends.
public enum PortraitChild {
    /// The word by which the program is called to be such a process.
    public static let command = "decode-portrait"

    /// Runs the process to its end. Its exit status is 0 when all of the picture was written, otherwise it says why not.
    public static func run() -> Never {
        let status = decode()
        // Without what a program does at its end, which the limits would not allow. This ends the process the first time.
        while true { cccd_end(status) }
    }

    /// Gives the exit status.
    private static func decode() -> Int32 {
        do throws(PortraitError) {
            try Confinement.enter()
            try write(PortraitDecoder.decode(read()).bytes)
            return 0
        } catch {
            return error.exitStatus
        }
    }

    /// All of standard input, at most a byte more than an image may have.
    private static func read() throws(PortraitError) -> [UInt8] {
        var image: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while image.count <= PortraitLimits.imageBytes {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(0, $0.baseAddress, $0.count) }
            if count == 0 { break }
            if count > 0 { image += buffer.prefix(count) } else if errno != EINTR { throw .damaged }
        }
        return image
    }

    private static func write(_ picture: [UInt8]) throws(PortraitError) {
        var written = 0
        while written < picture.count {
            let count = unsafe picture.withUnsafeBytes {
                unsafe Glibc.write(1, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count >= 0 { written += count } else if errno != EINTR { throw .damaged }
        }
    }
}
