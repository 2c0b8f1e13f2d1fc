import Registry

/// The records of one caller's questions that are answered promptly: what they have in common is written once.
struct PromptRecord: Sendable {
    /// Who asked, and what.
    private let beginning: [UInt8]
    /// By which right.
    private let middle: [UInt8]

    init(by visitor: Visitor, _ process: PeerCredentials) {
        let event = AuditEvent(.insurance, by: visitor, .process(process))
        var json = JSONText()
        json.member("caller", event.caller)
        json.member("event", event.event.rawValue)
        beginning = json.bytes
        json.removeAll()
        json.member("process", event.process.map(Int.init))
        json.member("role", event.role?.rawValue)
        middle = json.bytes
    }

    /// Writes what `AuditEvent.body` is for such a question.
    /// - Parameter subject: The keyed hash of the personal number.
    func write(at moment: Int, _ code: String, about subject: Span<UInt8>, to json: inout JSONText) {
        json.rest { json in
            json.member("at", millisecondsSince1970: moment)
            json.members(beginning)
            json.member("insurance", code)
            json.members(middle)
            json.member("subject", hexadecimal: subject)
        }
    }
}
