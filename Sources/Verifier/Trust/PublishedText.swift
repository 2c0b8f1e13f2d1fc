import FoundationEssentials

/// PEM (RFC 7468): base64 between lines that name what it is.
enum PEM {
    /// The content of each block; nil for one that is not base64. A block without an end is left out.
    static func blocks(_ text: String) -> [[UInt8]?] {
        var blocks: [[UInt8]?] = []
        var base64: String?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("-----BEGIN ") {
                base64 = ""
            } else if line.hasPrefix("-----END ") {
                if let base64 { blocks.append(Data(base64Encoded: base64).map(Array.init)) }
                base64 = nil
            } else if base64 != nil {
                base64?.append(contentsOf: line.filter { !$0.isWhitespace })
            }
        }
        return blocks
    }
}

/// LDIF (RFC 2849) as the ICAO PKD publishes it.
enum LDIF {
    /// What an attribute holds.
    enum Kind {
        case certificate
        case revocationList
        case masterList
    }

    /// An entry of the directory.
    struct Entry {
        /// The line of its first attribute, from 1.
        let line: Int
        var values: [(kind: Kind, bytes: [UInt8])] = []
    }

    private static let attributes: [String: Kind] = [
        "usercertificate": .certificate, "cacertificate": .certificate, "certificaterevocationlist": .revocationList,
        "authorityrevocationlist": .revocationList, "pkdmasterlistcontent": .masterList,
        "cscamasterlistdata": .masterList,
    ]

    /// Whether the text begins as LDIF does.
    static func looksLikeOne(_ text: String) -> Bool {
        let first = text.prefix(4096).split(whereSeparator: \.isNewline).first { !$0.hasPrefix("#") }
        return first.map { $0.hasPrefix("dn:") || $0.hasPrefix("version:") } ?? false
    }

    /// The entries that hold certificates or lists.
    static func entries(_ text: String) -> [Entry] {
        var entries: [Entry] = []
        var entry: Entry?
        var number = 0
        var pending: (line: Int, text: String)?
        func take() {
            guard let attribute = pending else { return }
            pending = nil
            if attribute.text.hasPrefix("dn:") {
                if let entry, !entry.values.isEmpty { entries.append(entry) }
                entry = Entry(line: attribute.line)
            } else if let value = value(attribute.text) {
                entry?.values.append(value)
            }
        }
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            if line.first == " " {
                pending?.text.append(contentsOf: line.dropFirst())
            } else {
                take()
                pending = line.isEmpty || line.first == "#" ? nil : (number, String(line))
            }
        }
        take()
        if let entry, !entry.values.isEmpty { entries.append(entry) }
        return entries
    }

    /// `userCertificate;binary:: base64`.
    private static func value(_ attribute: String) -> (kind: Kind, bytes: [UInt8])? {
        guard let colon = attribute.firstIndex(of: ":") else { return nil }
        let name = attribute[..<colon].split(separator: ";").first.map { $0.lowercased() } ?? ""
        let rest = attribute[attribute.index(after: colon)...]
        guard let kind = attributes[name], rest.first == ":",
            let bytes = Data(base64Encoded: String(rest.dropFirst().filter { !$0.isWhitespace }))
        else { return nil }
        return (kind, Array(bytes))
    }
}
