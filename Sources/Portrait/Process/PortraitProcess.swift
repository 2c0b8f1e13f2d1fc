import Document
import Glibc

/// Decodes portraits in a process of their own, which is this program started again: whatever an image does to its decoder, the
/// caller gets an answer, in bounded time and memory.
public struct PortraitProcess: Sendable {
    private let program: String
    private let arguments: [String]
    private let timeLimit: Duration

    /// - Parameter timeLimit: How long one portrait may take, its process's start included.
    public init(timeLimit: Duration = .seconds(10)) {
        // The program that runs, even when its file was replaced since.
        self.init(program: "/proc/self/exe", arguments: ["cccd", PortraitChild.command], timeLimit: timeLimit)
    }

    /// - Parameters:
    ///   - program: The path of a program that reads an image from standard input, and writes a picture to standard output.
    ///   - arguments: What it is called with, its name first.
    ///   - timeLimit: How long one portrait may take.
    package init(program: String, arguments: [String], timeLimit: Duration) {
        self.program = program
        self.arguments = arguments
        self.timeLimit = timeLimit
    }

    /// Decodes the first portrait of a DG2. Blocks the calling thread.
    ///
    /// - Parameter file: EF.DG2 from its tag 75 on.
    /// - Throws: `invalidDataGroup`, and as `decode(_:)`.
    public func decode(dataGroup2 file: [UInt8]) throws(PortraitError) -> DecodedPortrait {
        let faces: [FaceImage]
        do throws(DocumentError) {
            faces = try DataGroup2(file.span).images
        } catch {
            throw .invalidDataGroup(error)
        }
        guard let face = faces.first else { throw .invalidDataGroup(.missing(field: "portrait")) }
        return try decode(face.bytes)
    }

    /// Decodes one portrait. Blocks the calling thread, so it is not to be called on the cooperative pool; any number of
    /// threads may call it.
    ///
    /// - Parameter image: JPEG, JP2, or a JPEG 2000 codestream, as `FaceImage` holds it.
    /// - Throws: `PortraitError`; what a portrait broke is never more than its own process.
    public func decode(_ image: [UInt8]) throws(PortraitError) -> DecodedPortrait {
        guard image.count <= PortraitLimits.imageBytes else { throw .tooLarge }
        var child = try ChildProcess(program: program, arguments: arguments)
        let deadline = ContinuousClock.now + timeLimit
        let answer = try child.answer(to: image, limit: PortraitLimits.pictureBytes, deadline: deadline)
        switch try child.end(by: deadline) {
        case .exited(0): return try DecodedPortrait(untrusted: answer)
        case .exited(let status): throw PortraitError(exitStatus: status) ?? .invalidAnswer
        // The kernel ends it so when its processor time is used up.
        case .killed(SIGXCPU): throw .timedOut
        case .killed(let signal): throw .killed(signal: signal)
        }
    }
}
