import Document
import FoundationEssentials
import Verifier

extension Command {
    /// `cccd archive pack`: makes a card archive.
    static let archivePack = Command(
        name: "archive pack",
        usage: "[--input FORMAT] ARCHIVE INPUT…",
        summary: "Put card images into one card archive.",
        options: [ArchiveCommand.inputOption],
        notes: ArchiveCommand.inputNotes,
        run: ArchiveCommand.pack)

    /// `cccd archive list`: what card images there are.
    static let archiveList = Command(
        name: "archive list",
        usage: "[--input FORMAT] [--json] INPUT…",
        summary: "List the card images in archives and other inputs.",
        options: [
            ArchiveCommand.inputOption,
            Option(name: "--json", value: nil, help: "Print one JSON object on each line."),
        ],
        notes: ArchiveCommand.inputNotes,
        run: ArchiveCommand.list)

    /// `cccd archive extract`: takes card images out.
    static let archiveExtract = Command(
        name: "archive extract",
        usage: "[--input FORMAT] [--record N]… [--json] FOLDER INPUT…",
        summary: "Take card images out of archives, each into a folder or a line of JSON.",
        options: [
            ArchiveCommand.inputOption,
            Option(
                name: "--record", value: "N", help: "This record only, counted from 0. May be repeated.",
                isRepeatable: true),
            Option(name: "--json", value: nil, help: "Print JSON lines to standard output; FOLDER is left out."),
        ],
        notes: ArchiveCommand.inputNotes,
        run: ArchiveCommand.extract)

    /// `cccd archive check`: whether all can be read.
    static let archiveCheck = Command(
        name: "archive check",
        usage: "[--input FORMAT] INPUT…",
        summary: "Check that every record of archives is a card image.",
        options: [ArchiveCommand.inputOption],
        notes: """
            Looks at the form alone: whether lengths and files fit. `cccd batch` judges what the files say.

            Exit status: 0 when all can be read, 1 when one cannot.
            """,
        run: ArchiveCommand.check)
}

enum ArchiveCommand {
    static let inputOption = Option(
        name: "--input", value: "FORMAT", help: "Of the inputs: auto (default), archive, json or tar.")
    static let inputNotes = """
        INPUT is a card archive, a folder of card images, a tar stream of such folders, or a file with one JSON object of
        base64 values on each line; `-` is standard input.
        """

    static func pack(_ arguments: Arguments) throws -> ExitStatus {
        let (archive, inputs) = try firstAndRest(arguments, "ARCHIVE")
        let writer = try CardArchiveWriter(archive)
        var packed = 0
        var refused = 0
        try StoredImages.forEach(in: inputs, format: try format(arguments)) { stored in
            do {
                switch stored.image {
                case .readable(let image):
                    try writer.append(image)
                    packed += 1
                case .unreadable(let reason):
                    refused += 1
                    Console.complain("\(title(stored)): \(reason)")
                }
            } catch let error as DocumentError {
                refused += 1
                Console.complain("\(title(stored)): \(error)")
            }
            return true
        }
        try writer.finish()
        Console.note("\(packed) packed, \(refused) refused")
        return refused == 0 ? .yes : .no
    }

    static func list(_ arguments: Arguments) throws -> ExitStatus {
        guard !arguments.positional.isEmpty else { throw UsageError(description: "expected INPUT") }
        let asJSON = arguments.has("--json")
        var isAllReadable = true
        try StoredImages.forEach(in: arguments.positional, format: try format(arguments)) { stored in
            let row = Row(stored)
            if row.error != nil { isAllReadable = false }
            if asJSON {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(row), as: UTF8.self))
            } else {
                let content = row.error ?? row.files.map { "\($0.name) \($0.bytes)" }.joined(separator: ", ")
                print("\(title(stored))  \(content)")
            }
            return true
        }
        return isAllReadable ? .yes : .no
    }

    static func extract(_ arguments: Arguments) throws -> ExitStatus {
        let asJSON = arguments.has("--json")
        let (folder, inputs) =
            asJSON ? ("", arguments.positional) : try firstAndRest(arguments, "FOLDER")
        let wanted = try arguments.all("--record").map { text in
            guard let number = Int(text), number >= 0 else {
                throw UsageError(description: "--record must be a number from 0")
            }
            return number
        }
        var rest = Set(wanted)
        var isAllReadable = true
        try StoredImages.forEach(in: inputs, format: try format(arguments)) { stored in
            guard wanted.isEmpty || rest.remove(stored.number) != nil else { return true }
            switch stored.image {
            case .readable(let image):
                if asJSON {
                    print(String(decoding: image.json, as: UTF8.self))
                } else {
                    try image.write(folder: "\(folder)/\(stored.number)")
                }
            case .unreadable(let reason):
                isAllReadable = false
                Console.complain("\(title(stored)): \(reason)")
            }
            return wanted.isEmpty || !rest.isEmpty
        }
        for number in rest.sorted() { Console.complain("there is no record \(number)") }
        return isAllReadable && rest.isEmpty ? .yes : .no
    }

    static func check(_ arguments: Arguments) throws -> ExitStatus {
        guard !arguments.positional.isEmpty else { throw UsageError(description: "expected INPUT") }
        var readable = 0
        var unreadable = 0
        try StoredImages.forEach(in: arguments.positional, format: try format(arguments)) { stored in
            switch stored.image {
            case .readable: readable += 1
            case .unreadable(let reason):
                unreadable += 1
                print("\(title(stored))  \(reason)")
            }
            return true
        }
        Console.note("\(readable) card images, \(unreadable) that are none")
        return unreadable == 0 ? .yes : .no
    }

    private static func firstAndRest(_ arguments: Arguments, _ first: String) throws -> (String, [String]) {
        guard arguments.positional.count >= 2 else { throw UsageError(description: "expected \(first) INPUT…") }
        return (arguments.positional[0], Array(arguments.positional.dropFirst()))
    }

    private static func format(_ arguments: Arguments) throws -> InputFormat {
        guard let text = arguments.value("--input") else { return .automatic }
        guard let format = InputFormat(rawValue: text) else {
            throw UsageError(description: "--input must be auto, archive, json or tar")
        }
        return format
    }

    private static func title(_ stored: StoredImage) -> String {
        stored.name.map { "\(stored.number) \($0)" } ?? "\(stored.number)"
    }

    private struct Row: Encodable {
        struct File: Encodable {
            let name: String
            let bytes: Int
        }

        let record: Int
        let name: String?
        let files: [File]
        let error: String?

        init(_ stored: StoredImage) {
            record = stored.number
            name = stored.name
            switch stored.image {
            case .readable(let image):
                files = ElementaryFile.allCases.compactMap { file in
                    image[file].map { File(name: file.name, bytes: $0.count) }
                }
                error = nil
            case .unreadable(let reason):
                files = []
                error = reason
            }
        }
    }
}
