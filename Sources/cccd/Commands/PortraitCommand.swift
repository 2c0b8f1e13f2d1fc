import Document
import Portrait

extension Command {
    /// `cccd portrait`: takes the portrait out of a stored card image.
    static let portrait = Command(
        name: "portrait",
        usage: "IMAGE --out FILE",
        summary: "Take the portrait out of a stored card image, as PNG or JPEG.",
        options: [
            Option(name: "--out", value: "FILE", help: "Where to write it; only its owner may read it.")
        ],
        notes: """
            The portrait is shown as it is stored: whether it is genuine is what `cccd verify` answers.

            A JPEG 2000 portrait becomes a PNG, a JPEG stays one without its metadata; what FILE is called does not matter. \
            The image is decoded in a process of its own, with little memory and time and no access to anything.
            """,
        run: PortraitCommand.run)
}

enum PortraitCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        let path = try arguments.positional("IMAGE")[0]
        guard let file = arguments.value("--out") else { throw UsageError(description: "say where to: --out FILE") }
        try write(CardImage(path: path), to: file)
        return .yes
    }

    /// Writes the first portrait of DG2.
    ///
    /// - Throws: `UsageError` when there is none or the file cannot be written; `PortraitError`.
    static func write(_ image: CardImage, to file: String) throws {
        guard let bytes = image[.dg2] else { throw UsageError(description: "no portrait: DG2 was not read or stored") }
        let portrait = try PortraitProcess().decode(dataGroup2: bytes)
        try PrivateFile.write(portrait.bytes, to: file)
        Console.note(
            "portrait: \(portrait.width) × \(portrait.height) pixels, \(portrait.kind.mediaType), written to \(file)")
    }
}
