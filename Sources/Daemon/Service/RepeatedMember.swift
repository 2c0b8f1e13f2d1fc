import FoundationEssentials

/// Finds a member that stands in an object of a JSON text twice. Decoders keep one of the two, and not all the same one
/// (RFC 8259, 4): what this program judges must be what every other takes it for.
struct RepeatedMember: ~Escapable {
    /// Where in an object or an array the walk is.
    private enum Place {
        case object(names: Set<String>, name: String, expectsName: Bool)
        case array(index: Int)

        var step: PathStep {
            switch self {
            case .object(_, let name, _): .key(name)
            case .array(let index): .index(index)
            }
        }
    }

    private let json: Span<UInt8>
    private var position = 0
    private var places: [Place] = []

    /// The way to the first one; nil when there is none.
    /// - Parameter json: What a decoder took: it also limits how deep it is.
    static func path(in json: Span<UInt8>) -> [PathStep]? {
        var walk = RepeatedMember(json)
        return walk.find()
    }

    @_lifetime(copy json)
    private init(_ json: Span<UInt8>) { self.json = json }

    @_lifetime(self: copy self)
    private mutating func find() -> [PathStep]? {
        while position < json.count {
            let byte = json[position]
            position += 1
            switch byte {
            case UInt8(ascii: "{"): places.append(.object(names: [], name: "", expectsName: true))
            case UInt8(ascii: "["): places.append(.array(index: 0))
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = places.popLast()
            case UInt8(ascii: ","): goOn()
            case UInt8(ascii: "\""):
                let text = takeString()
                if !takeName(text) { return places.map(\.step) }
            default: break
            }
        }
        return nil
    }

    @_lifetime(self: copy self)
    private mutating func goOn() {
        switch places.popLast() {
        case .object(let names, let name, _): places.append(.object(names: names, name: name, expectsName: true))
        case .array(let index): places.append(.array(index: index + 1))
        case nil: break
        }
    }

    /// Takes the string at `text` for a name, if one comes next.
    /// - Returns: false when its object has that name already.
    @_lifetime(self: copy self)
    private mutating func takeName(_ text: Range<Int>) -> Bool {
        guard case .object(var names, _, true) = places.last else { return true }
        let name = string(text)
        _ = places.popLast()
        let isNew = names.insert(name).inserted
        places.append(.object(names: names, name: name, expectsName: false))
        return isNew
    }

    /// The bytes between the quotation marks, the first of which was taken.
    @_lifetime(self: copy self)
    private mutating func takeString() -> Range<Int> {
        let start = position
        while position < json.count {
            switch json[position] {
            case UInt8(ascii: "\""):
                position += 1
                return start..<position - 1
            case UInt8(ascii: "\\"): position = min(position + 2, json.count)
            default: position += 1
            }
        }
        return start..<position
    }

    private func string(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        for index in range { bytes.append(json[index]) }
        guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
        let quoted = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        return (try? JSONDecoder().decode(String.self, from: Data(quoted))) ?? String(decoding: bytes, as: UTF8.self)
    }
}
