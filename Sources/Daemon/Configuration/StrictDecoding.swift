/// A key of a JSON object that is not known beforehand.
struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int?

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// An object has a key that its type does not know.
struct UnknownKey: Error, Equatable {
    /// The keys from the document's top to the unknown one.
    var path: [PathStep]
}

/// A value is of the right type and still not acceptable.
struct UnacceptableValue: Error, Equatable {
    var path: [PathStep]
    var reason: String
}

/// One step on the way from a JSON document's top to one of its values.
enum PathStep: Equatable, Sendable {
    case key(String)
    case index(Int)

    init(_ key: any CodingKey) {
        self = key.intValue.map { .index($0) } ?? .key(key.stringValue)
    }
}

extension Decoder {
    /// The object's values by the keys of `Keys`.
    /// - Throws: `UnknownKey` when the object has any other key, `DecodingError` when the value is no object.
    func strictContainer<Keys: CodingKey>(keyedBy keys: Keys.Type) throws -> KeyedDecodingContainer<Keys> {
        for key in try container(keyedBy: AnyKey.self).allKeys.sorted(by: { $0.stringValue < $1.stringValue })
        where Keys(stringValue: key.stringValue) == nil {
            throw UnknownKey(path: codingPath.map(PathStep.init) + [.key(key.stringValue)])
        }
        return try container(keyedBy: keys)
    }
}

extension KeyedDecodingContainer {
    /// The value of `key`, or nil when the object has no such key; `null` is a value of the wrong type.
    ///
    /// - Parameter fault: Why the value is not acceptable, or nil.
    func optional<Value: Decodable>(
        _ key: Key, as type: Value.Type = Value.self, fault: (Value) -> String? = { _ in nil }
    ) throws -> Value? {
        guard contains(key) else { return nil }
        let value = try decode(type, forKey: key)
        if let reason = fault(value) { throw unacceptable(key, reason) }
        return value
    }

    /// The whole number of `key`, in `range`.
    func optionalNumber(_ key: Key, in range: ClosedRange<Int>) throws -> Int? {
        // Decoded as what JSON has, since the decoder does not say where it found a number with a fraction.
        guard let value = try optional(key, as: Double.self) else { return nil }
        guard let number = Int(exactly: value), range.contains(number) else {
            throw unacceptable(key, "it must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The error that says why the value of `key` is refused.
    func unacceptable(_ key: Key, _ reason: String) -> UnacceptableValue {
        UnacceptableValue(path: codingPath.map(PathStep.init) + [PathStep(key)], reason: reason)
    }
}

/// What is wrong with a JSON document, and where.
enum DecodingFault {
    case malformed(String)
    case unknownKey([PathStep])
    case wrongType([PathStep], expected: String)
    case missing([PathStep])
    case unacceptable([PathStep], reason: String)

    /// - Parameter error: What `JSONDecoder` threw for a type whose decoding uses the functions above.
    init(_ error: any Error) {
        func path(_ context: DecodingError.Context) -> [PathStep] { context.codingPath.map(PathStep.init) }
        switch error {
        case let error as UnknownKey: self = .unknownKey(error.path)
        case let error as UnacceptableValue: self = .unacceptable(error.path, reason: error.reason)
        case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
            self = .wrongType(path(context), expected: Self.name(of: type))
        case DecodingError.keyNotFound(let key, let context): self = .missing(path(context) + [PathStep(key)])
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            // A number that the type cannot hold.
            self = .wrongType(path(context), expected: "a number in range")
        default: self = .malformed("it cannot be parsed")
        }
    }

    private static func name(of type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any Numeric.Type: "a number"
        case is any ArrayMarker.Type: "a list"
        default: "an object"
        }
    }
}

private protocol ArrayMarker {}
extension Array: ArrayMarker {}
