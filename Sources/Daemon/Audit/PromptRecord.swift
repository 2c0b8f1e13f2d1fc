import Registry

/// The records of one caller's questions that are answered promptly: what they have in common is written once.
struct PromptRecord: Sendable {
    /// What stands before the moment, between that and the answer's code, between that and the hash, and behind it.
    private let parts: (beginning: [UInt8], caller: [UInt8], process: [UInt8], end: [UInt8])

    init(by visitor: Visitor, _ process: PeerCredentials) {
        let event = AuditEvent(.insurance, by: visitor, .process(process))
        var caller = JSONText()
        caller.member("caller", event.caller)
        caller.member("event", event.event.rawValue)
        var process = JSONText()
        process.member("process", event.process.map(Int.init))
        process.member("role", event.role?.rawValue)
        parts = (
            Array("\"at\":".utf8), Array(",".utf8) + caller.bytes + Array(",\"insurance\":".utf8),
            Array(",".utf8) + process.bytes + Array(",\"subject\":".utf8), Array("}".utf8)
        )
    }

    /// Writes what `AuditEvent.body` is for such a question.
    /// - Parameter subject: The keyed hash of the personal number.
    func write(at moment: Int, _ code: String, about subject: Span<UInt8>, to json: inout JSONText) {
        json.copy(parts.beginning.span)
        json.value(millisecondsSince1970: moment)
        json.copy(parts.caller.span)
        _ = json.value(code.utf8.span)
        json.copy(parts.process.span)
        json.value(hexadecimal: subject)
        json.copy(parts.end.span)
    }
}
