import Document

/// Every fault by its name, for the command line and its help.
public enum FaultCatalogue {
    /// One name.
    public struct Entry: Sendable {
        /// The name on the command line.
        public let name: String
        /// What the value looks like; nil when there is none.
        public let value: String?
        /// Whether the fault befalls single commands, and so may have a place.
        public let hasPlace: Bool
        /// Whether it makes no sense without a place.
        let needsPlace: Bool
        /// What it does, in one line.
        public let summary: String
        /// The kind that the name and a value stand for; nil when the value is none of this fault.
        let kind: @Sendable (String?) -> Fault.Kind?

        /// The name with its value and place, as in the help.
        public var form: String {
            guard let value else { return name + (needsPlace ? "@N" : hasPlace ? "[@N]" : "") }
            return needsPlace ? "\(name)@N, \(name)=\(value)" : "\(name)=\(value)"
        }
    }

    /// All of them, in the order of the help.
    public static let entries: [Entry] =
        link + lengths + files + messaging + forgeries

    private static let link: [Entry] = [
        Entry(
            name: "torn", value: "BYTES", hasPlace: true, needsPlace: true,
            summary: "The card is taken away at command N, or when that many bytes have passed, and laid on again.",
            kind: { $0.map { number($0).map(Fault.Kind.tornAtByte) } ?? .torn }),
        Entry(
            name: "slow", value: "BITS/MS", hasPlace: false, needsPlace: false,
            summary: "A link of BITS per second on which every command costs MS milliseconds more, as 424000/2.",
            kind: { value in
                let parts = (value ?? "").split(separator: "/").map(String.init)
                guard parts.count == 2, let bits = number(parts[0]), bits > 0, let milliseconds = number(parts[1])
                else {
                    return nil
                }
                return .slow(LinkSpeed(bitsPerSecond: bits, millisecondsPerCommand: milliseconds))
            }),
        plain("mute", "The chip does not answer.", .mute, isPlaced: true),
        plain("truncated", "Half of the answer's data is missing.", .truncated),
        plain("replayed", "The answer to the command before comes again.", .replayed),
        plain("late", "The answers to this command and to the one before change places.", .late),
        plain(
            "swapped", "Another card answers, until the next reset; with @N+ for good.", .swapped, isPlaced: true),
    ]

    private static let lengths: [Entry] = [
        plain("no-extended-length", "Extended length fields are not understood.", .noExtendedLength, hasPlace: false),
        plain("6cxx", "The right length is told by 6Cxx, and the answer comes to the next try.", .wrongLength),
        plain("endless-6cxx", "6Cxx is the answer to whatever is tried.", .endlessWrongLength),
        Entry(
            name: "61xx", value: "BYTES", hasPlace: false, needsPlace: false,
            summary: "Answers come in pieces of BYTES bytes, by 61xx and GET RESPONSE.",
            kind: { $0.flatMap(number).flatMap { (1...255).contains($0) ? .moreData(chunk: $0) : nil } }),
        plain("endless-61xx", "61xx announces more data, for ever.", .endlessMoreData),
        Entry(
            name: "end-of-file", value: "warning|short|6cxx", hasPlace: false, needsPlace: false,
            summary: "Reading past the end gives 6282, a short answer, or nothing but the right length.",
            kind: { value in
                switch value {
                case "warning": .endOfFile(.warning)
                case "short": .endOfFile(.shortAnswer)
                case "6cxx": .endOfFile(.rightLength)
                default: nil
                }
            }),
        plain("empty", "The answer carries no data.", .empty),
    ]

    private static let files: [Entry] = [
        plain("no-master-file", "There is no master file, and no EF.CardAccess.", .noMasterFile, hasPlace: false),
        plain("no-com", "There is no EF.COM.", .noCommonFile, hasPlace: false),
        Entry(
            name: "fci", value: "always|never", hasPlace: false, needsPlace: false,
            summary: "SELECT always returns file control information, or never.",
            kind: { value in
                switch value {
                case "always": .controlInformation(.always)
                case "never": .controlInformation(.never)
                default: nil
                }
            }),
        Entry(
            name: "announced-length", value: "FILE:BYTES", hasPlace: false, needsPlace: false,
            summary: "FILE announces BYTES bytes of content, or `endless` ones, as EF_DG13:70000.",
            kind: { value in
                let parts = (value ?? "").split(separator: ":").map(String.init)
                guard parts.count == 2, let file = ElementaryFile(name: parts[0]) else { return nil }
                if parts[1] == "endless" { return .announcedLength(file, nil) }
                return number(parts[1]).map { .announcedLength(file, $0) }
            }),
    ]

    private static let messaging: [Entry] =
        ProtectionFlaw.allCases.map { plain($0.rawValue, $0.summary, .protection($0)) } + [
            plain("loses-messaging", "An error ends secure messaging.", .losesMessaging),
            Entry(
                name: "delay", value: "MS", hasPlace: false, needsPlace: false,
                summary: "After the n-th wrong key the chip waits n times MS milliseconds.",
                kind: { $0.flatMap(number).map { .delayAfterWrongKey(milliseconds: $0) } }),
        ]

    private static let forgeries: [Entry] = [
        plain("cloned", "A copy: the right files, other private keys.", .cloned, hasPlace: false),
        plain("keyless", "A copy: the right files, no private keys.", .keyless, hasPlace: false),
        plain(
            "downgraded", "EF.CardAccess offers no PACE, though the signed DG14 does.", .downgraded, hasPlace: false),
        plain(
            "unsigned-chip-key", "DG14 holds a key that the chip knows and EF.SOD does not cover.", .unsignedChipKey,
            hasPlace: false),
        Entry(
            name: "pace-key", value: "KIND[/mapping]", hasPlace: false, needsPlace: false,
            summary: "PACE sends a key that is \(BadPublicKey.Kind.allCases.map(\.rawValue).joined(separator: ", ")).",
            kind: { value in
                let parts = (value ?? "").split(separator: "/").map(String.init)
                guard let kind = parts.first.flatMap(BadPublicKey.Kind.init(rawValue:)),
                    parts.count == 1 || parts.count == 2 && parts[1] == "mapping"
                else { return nil }
                return .paceKey(BadPublicKey(kind, inMapping: parts.count == 2))
            }),
        plain(
            "stops-proving", "After chip authentication the chip answers under keys that it made up.", .stopsProving,
            hasPlace: false),
        plain(
            "replayed-signature", "Active authentication answers with a signature over another challenge.",
            .replaysSignature, hasPlace: false),
    ]

    private static func plain(
        _ name: String, _ summary: String, _ kind: Fault.Kind, hasPlace: Bool = true, isPlaced: Bool = false
    ) -> Entry {
        Entry(
            name: name, value: nil, hasPlace: hasPlace, needsPlace: isPlaced, summary: summary,
            kind: { $0 == nil ? kind : nil })
    }

    @Sendable private static func number(_ text: String) -> Int? {
        Int(text).flatMap { (0...100_000_000).contains($0) ? $0 : nil }
    }
}

extension ProtectionFlaw {
    /// What it does, in one line.
    fileprivate var summary: String {
        switch self {
        case .wrongMAC: "DO'8E' is wrong."
        case .macOverOtherData: "DO'8E' is over other data."
        case .macMissing: "DO'8E' is missing."
        case .statusDiffers: "DO'99' is another status word than the one behind the answer."
        case .statusMissing: "DO'99' is missing."
        case .counterSkipped: "The send sequence counter is one too high."
        case .counterRepeated: "The send sequence counter is that of the command."
        case .paddingIndicator: "DO'87' has the padding indicator 02."
        case .padding: "The data does not end in padding."
        case .reordered: "DO'99' stands before DO'87'."
        case .unprotected: "The answer is not protected."
        case .endlessLength: "DO'87' has 127 length bytes, all of them FF."
        }
    }
}
