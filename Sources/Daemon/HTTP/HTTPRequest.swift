/// A request as it came, its target already taken apart and decoded.
struct HTTPRequest: Sendable {
    /// The method's name, in upper case as HTTP has it.
    var method: String
    var target: RequestTarget
    var headers: HTTPHeaders
    /// What the route's template left open, by name; set by the router.
    var parameters: [String: String] = [:]
    var body: SensitiveBytes
    var caller: Caller
    /// Who the sender is to the daemon; set by the router.
    var visitor: Visitor?
    /// Set when the caller goes away before the answer, and when the daemon cannot wait any longer.
    var cancellation: Cancellation
}

/// Header fields in the order they came; names are compared without regard to case.
struct HTTPHeaders: Sendable, Equatable {
    private(set) var fields: [(name: String, value: String)] = []

    init(_ fields: [(name: String, value: String)] = []) {
        for field in fields { append(field.name, field.value) }
    }

    mutating func append(_ name: String, _ value: String) {
        fields.append((name.lowercased(), value))
    }

    /// The first field of this name, given in lower case.
    subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    static func == (left: HTTPHeaders, right: HTTPHeaders) -> Bool {
        left.fields.elementsEqual(right.fields) { $0 == $1 }
    }
}
