/// Writes results in a format.
struct ResultEncoder: Sendable {
    let format: ResultFormat

    /// What stands before the first result.
    var header: [UInt8] {
        switch format {
        case .json: []
        case .csv: Array("record,name,outcome,validity,failed,notPerformed,signer,error\n".utf8)
        case .binary:
            Array("CCCDRES1".utf8) + Self.littleEndian(20, 4)
                + Self.littleEndian(UInt64(CheckIdentifier.allCases.count), 4)
        }
    }

    /// A result without the record's number and name.
    func encoding(_ verdict: BatchVerdict) -> [UInt8] {
        let failed = verdict.checks.filter { $0.result == .failed }
        let notPerformed = verdict.checks.filter { $0.result == .notPerformed }
        switch format {
        case .json:
            var json = JSONText()
            json.raw("\"outcome\":")
            json.string(verdict.outcome.rawValue)
            json.raw(",\"validity\":")
            json.list(verdict.validity) { $0.string($1.rawValue) }
            json.raw(",\"failed\":")
            json.list(failed) { $0.check($1) }
            json.raw(",\"notPerformed\":")
            json.list(notPerformed) { $0.string($1.id.rawValue) }
            if let signer = verdict.signer {
                json.raw(",\"signer\":")
                json.string(signer.serialNumber)
            }
            json.raw("}\n")
            return json.bytes
        case .csv:
            let columns = [
                verdict.outcome.rawValue, verdict.validity.map(\.rawValue).joined(separator: " "),
                failed.map { "\($0.id.rawValue)=\($0.reason.rawValue)" }.joined(separator: " "),
                notPerformed.map(\.id.rawValue).joined(separator: " "), verdict.signer?.serialNumber ?? "", "",
            ]
            return Array((columns.map(Self.csv).joined(separator: ",") + "\n").utf8)
        case .binary:
            let outcome: UInt8 =
                switch verdict.outcome {
                case .genuine: 0
                case .authenticData: 1
                case .invalid: 2
                case .unverified: 3
                }
            return [outcome, Self.bits(verdict.validity), 0, 0] + Self.littleEndian(Self.bits(failed), 4)
                + Self.littleEndian(Self.bits(notPerformed), 4)
        }
    }

    /// The result of a record that is no card image.
    func encoding(unreadable error: String) -> [UInt8] {
        switch format {
        case .json:
            var json = JSONText()
            json.raw("\"outcome\":\"unreadable\",\"error\":")
            json.string(error)
            json.raw("}\n")
            return json.bytes
        case .csv: return Array("unreadable,,,,,\(Self.csv(error))\n".utf8)
        case .binary: return [255] + [UInt8](repeating: 0, count: 11)
        }
    }

    /// Appends a result with the record's number and name.
    func append(_ encoding: [UInt8], record: Int, name: String?, to output: inout [UInt8]) {
        switch format {
        case .json:
            output += Self.recordKey
            Self.append(record, to: &output)
            if let name {
                var json = JSONText()
                json.raw(",\"name\":")
                json.string(name)
                output += json.bytes
            }
            output.append(UInt8(ascii: ","))
        case .csv:
            Self.append(record, to: &output)
            output.append(UInt8(ascii: ","))
            if let name { output += Self.csv(name).utf8 }
            output.append(UInt8(ascii: ","))
        case .binary: output += Self.littleEndian(UInt64(record), 8)
        }
        output += encoding
    }

    private static let recordKey = Array("{\"record\":".utf8)

    private static func append(_ number: Int, to output: inout [UInt8]) {
        if number >= 10 { append(number / 10, to: &output) }
        output.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    private static func csv(_ text: String) -> String {
        guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private static func littleEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }

    private static func bits(_ remarks: [ValidityRemark]) -> UInt8 {
        remarks.reduce(0) { bits, remark in
            switch remark {
            case .expired: bits | 1
            case .reportedLost: bits | 2
            case .expiryUnknown: bits | 4
            }
        }
    }

    private static func bits(_ checks: [CheckOutcome]) -> UInt64 {
        checks.reduce(0) { bits, check in
            bits | UInt64(1) << UInt64(CheckIdentifier.allCases.firstIndex(of: check.id) ?? 63)
        }
    }
}

/// JSON written piece by piece (RFC 8259).
struct JSONText {
    private(set) var bytes: [UInt8] = []

    mutating func raw(_ text: StaticString) { bytes += String(describing: text).utf8 }

    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case ..<0x20: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func list<Element>(_ elements: [Element], _ write: (inout JSONText, Element) -> Void) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(&self, element)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    mutating func check(_ check: CheckOutcome) {
        raw("{\"id\":")
        string(check.id.rawValue)
        raw(",\"reason\":")
        string(check.reason.rawValue)
        if let detail = check.detail {
            raw(",\"detail\":")
            self.detail(detail)
        }
        raw("}")
    }

    private mutating func detail(_ detail: CheckDetail) {
        switch detail {
        case .text(let text): string(text)
        case .list(let texts): list(texts) { $0.string($1) }
        case .table(let table):
            raw("{")
            for (index, (key, value)) in table.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { raw(",") }
                string(key)
                raw(":")
                string(value)
            }
            raw("}")
        }
    }
}
